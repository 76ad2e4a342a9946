// A charge: a pipeline read from top to bottom, from quantity lines over prices to money lines.
#pragma once

#include <cstdint>
#include <vector>

#include "dsl/checker/card_context.h"
#include "dsl/rate_card.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// A charge on its way into the card: its lines by kind, its names resolved.
struct ChargeDraft {
  const syntax::Charge& syntax;
  const MeterEntry& meter;
  const CardCurrency& currency;             ///< what its prices are in
  bool share = false;                       ///< the meter stands for money; see share.h
  Charge charge{};                          ///< name, meter and `by` set
  std::vector<const DimensionEntry*> by{};  ///< beside charge.by
  std::vector<uint32_t> value_counts{};     ///< of each dimension of `by`

  std::vector<const syntax::Row*> rows{};
  const syntax::Tiers* tiers = nullptr;
  std::vector<const syntax::MoneyLine*> money_lines{};

  /// `charge NAME`, for what is wrong with the charge as a whole.
  Span head() const { return {syntax.span.begin, syntax.name.span.end}; }
};

/// Whether billing periods of one length fill the other exactly.
bool fill(PeriodUnit period, PeriodUnit longer);

/// Checks the lines and adds the charge to the card. REQUIRES: its meter and `by` are settled.
void check_lines(ChargeDraft& draft, CardContext& context);

/// Adds the charge to the card, unless its meter or its `by` are not known. What is wrong with its
/// lines is reported; a card with errors is never used.
void check_charge(const syntax::Charge& charge, CardContext& context);

}  // namespace toll::dsl::checker
