// What one period's bill leaves for the next: what was used of allowances for a longer time, and
// what was billed toward commitments.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/answer.h"
#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// Whether `meter` has an allowance that a period beginning on `from` is in the middle of.
bool is_in_allowance(const dsl::RateCard& card, uint32_t meter, Date from);

/// Whether what the bill of the days `before` counted toward a commitment goes on behind them: its
/// time did not end in them.
bool is_in_commitment(const dsl::Commitment& commitment, const Period& before,
                      std::optional<Date> since);

/// Whether anything can have been billed toward a commitment before `from`. Which days the bill
/// before had no document says: where the time begins anew inside a period, they may have begun
/// behind that day, as those of a customer that is taken over then.
bool may_be_in_commitment(const dsl::Commitment& commitment, Date from, std::optional<Date> since);

/// What a document says as its state, of which no plan of the cards of its days has an allowance or
/// a commitment, or of which all begin anew on `from`: a fault each.
std::vector<UsageFault> unfit_state(const CardSet& cards, const UsageDocument& document,
                                    std::span<const Revision* const> offers, Date from);

/// Of a document's state what none of the offers of its days has, and another plan does: it waits
/// for that plan, as long as its time goes on behind the covered days.
NextState waiting_state(const CardSet& cards, const UsageDocument& document,
                        std::span<const Revision* const> offers, const Period& covered);

/// Whether a charge, or a card, has an allowance of a meter for a longer time than its period.
bool has_longer_allowance(const dsl::Charge& charge, uint32_t meter);
bool has_longer_allowance(const dsl::RateCard& card, uint32_t meter);

const dsl::Commitment* commitment_named(const dsl::RateCard& card, std::string_view name);

/// Adds what was used of the allowance of a meter in all, or toward a commitment billed. A refusal
/// where that is too large for a document.
std::expected<void, Refusal> add_used(const BoundUsage& bound, uint32_t meter, NextState& state);
std::expected<void, Refusal> add_billed(const dsl::RateCard& card, const std::string& commitment,
                                        Int128 billed, NextState& state);

/// What the document of the period that follows the covered one says as its state; what begins anew
/// with that period is left out. A sum too large for a document is a refusal.
/// REQUIRES: the period is over, and `output` has no fault.
std::expected<NextState, Refusal> next_state(const BoundUsage& bound,
                                             const compiler::RateOutput& output);

/// The same by what the period's lines brought toward the commitment at a bill line of the card.
using CountedToward = std::function<Int128(uint32_t)>;
std::expected<NextState, Refusal> next_state(const BoundUsage& bound, const CountedToward& counted);

}  // namespace toll::runtime
