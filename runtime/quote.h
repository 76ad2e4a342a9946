// Quotes: a usage document and the live cards make an answer.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/int128.h"
#include "runtime/answer.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// The version that a document asks for, by `hash`, or by `on`, `period` or today: its first offer.
std::expected<std::shared_ptr<const Revision>, Refusal> choose_version(
    const CardSet& cards, const UsageDocument& document);

/// The offer of that version which a document asks for, by `plan` and `currency`.
std::expected<std::shared_ptr<const Revision>, Refusal> choose(const CardSet& cards,
                                                               const UsageDocument& document);

/// Of a version in plans those that bill something which an offer of it, of what is common to all
/// plans, leaves out; none of an offer in a plan.
std::vector<std::string> plans_left_out(const CardSet& cards, const Revision& offer);

/// The days that are billed with `on`: its billing period, as far as the version is in force for a
/// customer since `since`. A day outside the version's life stands for the nearest one inside.
Period billing_period(const CardSet& cards, const Revision& revision, Date on,
                      std::optional<Date> since);

/// Whether a bill of the card depends on earlier ones: it has allowances for a longer time than its
/// period, commitments, or pools.
bool keeps_state(const dsl::RateCard& card);

/// The offers that bill a document's period, by their days: one, or each that follows another in
/// it.
std::expected<CardSet::Revisions, Refusal> offers_of_period(const CardSet& cards,
                                                            const UsageDocument& document);

/// Of what earlier bills left, the last one that of the days `before`, what the offers of the
/// period behind them take: nothing of what begins anew with it, or of meters, commitments and
/// pools that no plan of their cards has; what another plan has waits for that. What was bought for
/// pools of no plan stays in `state`.
NextState carried_into(const CardSet& cards, const CardSet::Revisions& offers, const Period& before,
                       std::optional<Date> since, NextState& state);

/// Adds to the state of a customer that is taken over on a day that the grants of intervals which
/// go on then were given before, by the card that it had on the day before, whatever billed it:
/// what the state does not say is left of them is nothing.
void add_given_before(const dsl::RateCard& card, Date day, NextState& state);

/// Rates a document. All faults of a refused one are listed. Pure but for the clock, where the
/// document names no day; any thread.
std::expected<Answer, Refusal> quote(const CardSet& cards, const UsageDocument& document);

/// The total alone, in minor units: nothing is written as text.
std::expected<Int128, Refusal> quote_total(const CardSet& cards, const UsageDocument& document);

/// The same answer with the derivation of every line, by the interpreter.
std::expected<Answer, Refusal> explain(const CardSet& cards, const UsageDocument& document);

}  // namespace toll::runtime
