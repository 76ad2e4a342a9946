// VersionContext: one version of a card while it is checked, with all of its offers.
//
// A version is sold in plans and in currencies. Each plan, and what is common to all, makes with
// each currency an offer: a card of its own, checked and compiled by itself. What is wrong in one
// of them fails the version.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dsl/checker/card_context.h"
#include "dsl/checker/extends/extensions.h"

namespace toll::dsl::checker {

inline constexpr size_t kOffersMax = 256;  ///< of a version

class VersionContext {
 public:
  /// Checks every offer by itself. What is about several offers or versions is left to the others
  /// who hold one. REQUIRES: all arguments outlive it.
  VersionContext(const CardSource& source, Scope& scope, const Texts& texts, Report& report,
                 Budget& budget);

  const CardSource& source() const { return source_; }
  const syntax::Card& syntax() const { return syntax_; }
  const std::vector<std::unique_ptr<CardContext>>& offers() const { return offers_; }

  /// Any of the offers: name, header and place are those of the version.
  CardContext& first() const { return *offers_.front(); }

  /// The offer that an example or an invoice in this plan is about, in the currency of what it
  /// expects; without a plan what is common to all. Null, and reported, where there is none; `read`
  /// reads the file in which it stands.
  CardContext* offer_of(const syntax::Example& example, const syntax::OnPlan* plan,
                        Reader& read) const;

  void fail() {
    for (const auto& offer : offers_) offer->failed = true;
  }
  bool failed() const;

 private:
  void find_plans();
  void set_version(RateCard& card, const Texts& texts) const;
  void set_days(CardContext& offer) const;
  bool has_bill_in_common(Scope& scope) const;
  bool needs_pool_of_plan(Scope& scope) const;
  void add_offers(const syntax::Plan* plan, Scope& scope, const Texts& texts, Budget& budget);
  size_t currency_count() const;
  uint64_t lines_of(const syntax::Plan* plan) const;
  void report_too_many();
  void report_unpriced();
  void warn_about_missing_limits();

  const CardSource& source_;
  const syntax::Card& syntax_;
  const uint32_t file_;
  Report& report_;
  std::vector<const syntax::Plan*> plans_;
  std::set<std::string> charged_;  ///< meters, in any plan
  std::vector<std::unique_ptr<CardContext>> offers_;
};

}  // namespace toll::dsl::checker
