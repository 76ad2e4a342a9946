// CardContext: what the parts of one card's check share, and the card as far as it is known.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "dsl/checker/budget.h"
#include "dsl/checker/reader.h"
#include "dsl/checker/report.h"
#include "dsl/checker/scope.h"
#include "dsl/rate_card.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

struct CostEntry;

/// A price table that ends with a bound, until the limit that closes it is known.
struct BoundedTable {
  uint32_t charge, table;  ///< into card.charges and its tables
  const syntax::Row* row;  ///< the last one
  bool damaged = false;    ///< a line of the charge could not be read
};

/// Which of the offers of a version is checked.
struct Offer {
  const syntax::Plan* plan = nullptr;  ///< null: what is common to all plans
  bool beside_plans = false;           ///< the common part of a version that has plans
  size_t currency = 0;                 ///< into the names in the header
  const std::set<std::string>* charged_in_plans = nullptr;  ///< meters; null without plans
};

/// One offer of a version while it is checked.
struct CardContext {
  /// REQUIRES: all arguments outlive it.
  CardContext(const syntax::Card& card_syntax, const Offer& which, uint32_t file, Scope& names,
              const Texts& texts, Report& diagnostics, Budget& costs)
      : syntax(card_syntax),
        offer(which),
        scope(names),
        report(diagnostics),
        budget(costs),
        read(names, diagnostics, texts, file) {}

  /// The meter that a word names, as an index into card.meters; the card reads it from here on.
  std::optional<uint32_t> meter(const syntax::Word& word, std::string_view help = {});

  /// Calls visit(item) for each item of the offer, in the order of the text.
  template <typename Visit>
  void for_each_item(Visit&& visit) const {
    const syntax::Plan* plan = nullptr;
    for (const syntax::Item& item : syntax.items) {
      if (const auto* opened = std::get_if<syntax::Plan>(&item)) plan = opened;
      const bool about_the_card = std::holds_alternative<syntax::Guarantee>(item) ||
                                  std::holds_alternative<syntax::Example>(item);
      if (about_the_card || !plan || plan == offer.plan) visit(item);
    }
  }

  /// The meter of that name if the card reads it.
  std::optional<uint32_t> known_meter(const std::string& name) const;

  /// The `n`th dimension of a meter of the card.
  const DimensionEntry& dimension_of(uint32_t meter, uint32_t n) const {
    return scope.dimensions()[scope_dimensions[card.meters[meter].dimensions[n]]];
  }

  const syntax::Card& syntax;
  const Offer offer;
  Scope& scope;
  Report& report;
  Budget& budget;
  Reader read;
  RateCard card;
  CardCurrency currency;
  bool period_known = false;  ///< the header says it rightly
  bool from_known = false;
  bool failed = false;  ///< an error was found in it, or in what it reaches

  // Something of the card was not understood, which is reported: what seems to be missing from it
  // may be there, so that its absence is not reported on top.
  bool incomplete = false;
  bool limits_incomplete = false;  ///< the same of its limits

  std::vector<const MeterEntry*> meters;   ///< beside card.meters
  std::vector<uint32_t> scope_dimensions;  ///< beside card.dimensions: into scope.dimensions()
  std::vector<BoundedTable> bounded_tables;
  std::set<const CostEntry*> costs;  ///< those that a price or a guarantee stands on
  std::unordered_map<std::string, ItemRef> item_by_name;  ///< fees and charges so far
  std::unordered_map<std::string, Place> feature_names;

 private:
  std::optional<uint32_t> dimension(uint32_t scope_index);

  std::unordered_map<std::string, uint32_t> meter_by_name_;
  std::unordered_map<uint32_t, uint32_t> dimension_by_scope_index_;
};

}  // namespace toll::dsl::checker
