// The next set of live cards, built from a checked folder and the set before it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dsl/check.h"
#include "runtime/loader.h"

namespace toll::runtime {

/// What a load begins with.
struct LoadBegin {
  const compiler::NativeCompiler& compiler;
  MakeNative make;
  const CardSet& previous;
  const FilesBefore& before;
};

class NextSet {
 public:
  /// REQUIRES: `begin` and `loaded` outlive this; the files of `loaded` are set.
  NextSet(const LoadBegin& begin, Loaded& loaded, std::vector<dsl::HeldBack> held_back,
          std::vector<dsl::Checked::Contradicted> contradicted);

  /// Takes all offers of one version, or none where one of them must not answer.
  void add(std::span<CheckedCard> version);

  std::shared_ptr<const CardSet> take() &&;

 private:
  using Text =
      std::pair<uint32_t, uint32_t>;  ///< file and place; a deal has several versions there

  struct LeftOut {
    dsl::HeldBack in_error;
    Text text;
  };

  bool make_offers(std::span<CheckedCard> version, CardSet::Revisions& offers);
  bool passes_examples(const CardSet::Revisions& offers, bool is_new);
  void test_invoices_of_several();
  std::set<VersionKey> new_versions_of(const dsl::Example& invoice) const;
  void leave_out(const std::set<VersionKey>& versions);
  bool is_contradicted(const dsl::RateCard& card) const;
  void leave_out(const LeftOut& version);
  void leave_out_dependents();
  void keep_broken();
  void date_held_back();
  void forget_unknown_deals();
  bool is_live_text(const dsl::RateCard& card) const;
  bool has_file(const std::string& name) const;
  std::shared_ptr<const compiler::NativeFunction> native_before(const dsl::RateCard& card) const;

  const compiler::NativeCompiler& compiler_;
  MakeNative make_;
  const CardSet& previous_;
  Loaded& loaded_;
  std::vector<dsl::HeldBack> held_back_;
  std::vector<dsl::Checked::Contradicted> contradicted_;
  std::set<std::string> changed_;  ///< base names of files that are not as they were
  std::set<Text> texts_out_;
  std::set<VersionKey> versions_out_;
  CardSet::Revisions revisions_;
};

}  // namespace toll::runtime
