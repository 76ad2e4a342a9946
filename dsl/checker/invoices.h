// Golden invoices: which versions bill their days, and what they say against those.
#pragma once

#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dsl/check.h"
#include "dsl/checker/example_parts.h"
#include "dsl/checker/version_index.h"

namespace toll::dsl::checker {

class Invoices {
 public:
  struct Shared {
    Scope& scope;
    Report& report;
    const Texts& texts;
    Budget& budget;
  };

  /// `card_names`: of all cards, also of those whose days are not known. REQUIRES: all arguments
  /// outlive it.
  Invoices(const VersionIndex& versions, const std::set<std::string>& card_names, Shared shared)
      : versions_(versions), card_names_(card_names), shared_(shared), report_(shared.report) {}

  /// Adds an invoice to the version that begins its days. REQUIRES: it names a card, and everything
  /// else of the cards is known; `file` is the one in which it stands.
  void check(const syntax::Example& invoice, uint32_t file);

  std::vector<Checked::Contradicted> take_contradicted() { return std::move(contradicted_); }

 private:
  bool is_for_known_card(const syntax::Word& name, Reader& read);
  VersionContext* version_of(const syntax::Example& invoice, Reader& read);
  void report_outside(const syntax::Example& invoice, const Period& days, Reader& read);
  std::vector<VersionDays> versions_of(const syntax::Example& invoice, VersionContext& found,
                                       Reader& read);
  bool is_without_gaps(const syntax::Example& invoice, std::span<const VersionDays> versions,
                       Reader& read);
  bool is_one_bill(const syntax::Example& invoice, std::span<const ExamplePart> parts,
                   Reader& read);
  bool may_lack_offer(const syntax::Example& invoice, std::span<const VersionDays> versions) const;
  void check_lines(const syntax::Example& invoice, std::span<const VersionDays> versions,
                   Reader& read);
  void check_lines_of_any_offer(const syntax::Example& invoice, VersionContext& version,
                                Reader& read);
  void contradict(const VersionContext& version);

  const VersionIndex& versions_;
  const std::set<std::string>& card_names_;
  const Shared shared_;
  Report& report_;
  std::vector<Checked::Contradicted> contradicted_;
};

}  // namespace toll::dsl::checker
