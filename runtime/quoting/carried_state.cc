#include "runtime/quoting/carried_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/int128.h"
#include "runtime/quote.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_grants.h"
#include "runtime/quoting/grants.h"
#include "runtime/quoting/whole_counts.h"

namespace toll::runtime {
namespace {

using compiler::LineOrigin;

Refusal too_much(std::string_view name) {
  return {Refusal::Kind::Unfit,
          {{"/usage", fmt::format("with what came before, `{}` is too large to be told to the next "
                                  "period",
                                  name)}}};
}

/// The rounded lines that count toward a commitment, added up: those of what it names, or all
/// above.
Int128 counted_toward(const BoundUsage& bound, const compiler::RateOutput& output,
                      uint32_t bill_step) {
  const dsl::Commitment& commitment = *bound.revision->card().bill_steps[bill_step].commitment;
  std::vector<LineOrigin> origins;
  Int128 above = 0;
  bool reached = false;
  compiler::for_each_line(
      bound.revision->program(), *bound.input, [&](uint32_t line, const LineOrigin& origin) {
        origins.push_back(origin);
        reached |= origin.kind == LineOrigin::Kind::BillStep && origin.item == bill_step;
        if (!reached) above += output.lines[line].amount;
      });
  if (commitment.counts.empty()) return above;
  Int128 sum = 0;
  for (const dsl::ItemRef& item : commitment.counts) sum += sum_of_lines(origins, output, item);
  return sum;
}

/// The offers, and those of all plans of their cards.
std::vector<const Revision*> of_all_plans(const CardSet& cards,
                                          std::span<const Revision* const> offers) {
  std::vector<const Revision*> all(offers.begin(), offers.end());
  for (const Revision* const offer : offers) {
    if (!cards.find_hash(offer->card().name, offer->card().hash)) continue;  // of another time
    for (const auto& other : cards.offers(*offer))
      if (std::ranges::find(all, other.get()) == all.end()) all.push_back(other.get());
  }
  return all;
}

bool has_allowance(const Revision& offer, const std::string& name) {
  const uint32_t meter = offer.meter(name);
  return meter != Revision::kNone && has_longer_allowance(offer.card(), meter);
}

}  // namespace

bool has_longer_allowance(const dsl::Charge& charge, uint32_t meter) {
  return !charge.is_share() && charge.meter == meter &&
         std::ranges::any_of(charge.quantity_steps,
                             [](const dsl::QuantityStep& step) { return step.per.has_value(); });
}

bool has_longer_allowance(const dsl::RateCard& card, uint32_t meter) {
  return std::ranges::any_of(
      card.charges, [&](const dsl::Charge& charge) { return has_longer_allowance(charge, meter); });
}

const dsl::Commitment* commitment_named(const dsl::RateCard& card, std::string_view name) {
  for (const dsl::BillStep& step : card.bill_steps)
    if (step.commitment && step.commitment->name == name) return &*step.commitment;
  return nullptr;
}

bool is_in_allowance(const dsl::RateCard& card, uint32_t meter, Date from) {
  for (const dsl::Charge& charge : card.charges) {
    if (charge.is_share() || charge.meter != meter) continue;
    for (const dsl::QuantityStep& step : charge.quantity_steps)
      if (step.per && period_containing(*step.per, from).from != from) return true;
  }
  return false;
}

bool is_in_commitment(const dsl::Commitment& commitment, const Period& before,
                      std::optional<Date> since) {
  if (since && *since >= before.until) return false;
  return !ends_commitment(before, commitment.per, since);
}

bool may_be_in_commitment(const dsl::Commitment& commitment, Date from, std::optional<Date> since) {
  return is_in_commitment(commitment, {from - std::chrono::days(1), from}, since);
}

std::vector<UsageFault> unfit_state(const CardSet& cards, const UsageDocument& document,
                                    std::span<const Revision* const> offers, Date from) {
  std::vector<UsageFault> faults;
  if (document.used_to_date.empty() && document.billed_to_date.empty()) return faults;
  const std::vector<const Revision*> plans = of_all_plans(cards, offers);
  for (const UsageDocument::ToDate& used : document.used_to_date) {
    const std::string place = "/state/used_to_date/" + pointer_token(used.name);
    const auto has_one = [&](const Revision* offer) { return has_allowance(*offer, used.name); };
    const auto goes_on = [&](const Revision* offer) {
      return has_one(offer) && is_in_allowance(offer->card(), offer->meter(used.name), from);
    };
    const auto counting = std::ranges::find_if(plans, [&](const Revision* offer) {
      return has_one(offer) &&
             !unfit_count(offer->card().meters[offer->meter(used.name)], used.value).empty();
    });
    if (counting != plans.end())
      faults.push_back(
          {place, fmt::format("`{}` {}", used.name,
                              unfit_count((*counting)->card().meters[(*counting)->meter(used.name)],
                                          used.value))});
    else if (std::ranges::none_of(plans, has_one))
      faults.push_back(
          {place, fmt::format("card `{}` has no allowance of `{}` that is for more than a period",
                              offers.back()->card().name, used.name)});
    else if (used.value != Decimal{} && std::ranges::none_of(plans, goes_on))
      faults.push_back({place, fmt::format("the allowance begins anew with the period, on {}: "
                                           "nothing was used of it",
                                           to_string(from))});
  }
  for (const UsageDocument::ToDate& billed : document.billed_to_date) {
    const std::string place = "/state/billed_to_date/" + pointer_token(billed.name);
    const auto has_one = [&](const Revision* offer) {
      return commitment_named(offer->card(), billed.name) != nullptr;
    };
    const auto goes_on = [&](const Revision* offer) {
      const auto* commitment = commitment_named(offer->card(), billed.name);
      return commitment && may_be_in_commitment(*commitment, from, document.customer_since);
    };
    if (std::ranges::none_of(plans, has_one))
      faults.push_back({place, fmt::format("card `{}` has no commitment `{}`",
                                           offers.back()->card().name, billed.name)});
    else if (billed.value != Decimal{} && std::ranges::none_of(plans, goes_on))
      faults.push_back({place, fmt::format("the commitment begins anew with the period, on {}: "
                                           "nothing was billed toward it",
                                           to_string(from))});
  }
  return faults;
}

NextState waiting_state(const CardSet& cards, const UsageDocument& document,
                        std::span<const Revision* const> offers, const Period& covered) {
  NextState state;
  if (document.used_to_date.empty() && document.billed_to_date.empty()) return state;
  const std::vector<const Revision*> plans = of_all_plans(cards, offers);
  for (const UsageDocument::ToDate& used : document.used_to_date) {
    const auto has_one = [&](const Revision* offer) { return has_allowance(*offer, used.name); };
    const auto goes_on = [&](const Revision* offer) {
      return has_one(offer) &&
             is_in_allowance(offer->card(), offer->meter(used.name), covered.until);
    };
    if (used.value != Decimal{} && std::ranges::none_of(offers, has_one) &&
        std::ranges::any_of(plans, goes_on))
      state.used_to_date.push_back(used);
  }
  for (const UsageDocument::ToDate& billed : document.billed_to_date) {
    const auto has_one = [&](const Revision* offer) {
      return commitment_named(offer->card(), billed.name) != nullptr;
    };
    const auto goes_on = [&](const Revision* offer) {
      const auto* commitment = commitment_named(offer->card(), billed.name);
      return commitment && is_in_commitment(*commitment, covered, document.customer_since);
    };
    if (billed.value != Decimal{} && std::ranges::none_of(offers, has_one) &&
        std::ranges::any_of(plans, goes_on))
      state.billed_to_date.push_back(billed);
  }
  return state;
}

bool keeps_state(const dsl::RateCard& card) {
  const auto longer = [](const dsl::Charge& charge) {
    return std::ranges::any_of(charge.quantity_steps,
                               [](const dsl::QuantityStep& step) { return step.per.has_value(); });
  };
  return !card.pools.empty() || std::ranges::any_of(card.charges, longer) ||
         std::ranges::any_of(card.bill_steps,
                             [](const dsl::BillStep& step) { return step.commitment.has_value(); });
}

NextState carried_into(const CardSet& cards, const CardSet::Revisions& offers, const Period& before,
                       std::optional<Date> since, NextState& left) {
  std::vector<const Revision*> of_days;
  for (const auto& offer : offers) of_days.push_back(offer.get());
  const std::vector<const Revision*> plans = of_all_plans(cards, of_days);
  const Date from = before.until;
  NextState state = std::exchange(left, {});
  std::erase_if(state.used_to_date, [&](const UsageDocument::ToDate& used) {
    return std::ranges::none_of(plans, [&](const Revision* offer) {
      return has_allowance(*offer, used.name) &&
             is_in_allowance(offer->card(), offer->meter(used.name), from);
    });
  });
  std::erase_if(state.billed_to_date, [&](const UsageDocument::ToDate& billed) {
    return std::ranges::none_of(plans, [&](const Revision* offer) {
      const dsl::Commitment* commitment = commitment_named(offer->card(), billed.name);
      return commitment && is_in_commitment(*commitment, before, since);
    });
  });
  std::erase_if(state.grants, [&](const GrantLeft& grant) {
    if (grant.expires && *grant.expires <= from) return true;
    const auto has_it = [&](const auto& offer) { return pool_called(offer->card(), grant.pool); };
    const auto has_it_in_a_plan = [&](const auto& offer) {
      return card_with_pool(cards, *offer, grant.pool, grant.recurring) != nullptr;
    };
    if (std::ranges::any_of(offers, has_it) || std::ranges::any_of(offers, has_it_in_a_plan))
      return false;
    if (!grant.recurring) left.grants.push_back(grant);
    return true;
  });
  return state;
}

void add_given_before(const dsl::RateCard& card, Date day, NextState& state) {
  for (const dsl::Pool& pool : card.pools)
    if (goes_on_over(pool, day, day)) note_given(pool.name, state);
}

std::expected<void, Refusal> add_used(const BoundUsage& bound, uint32_t meter, NextState& state) {
  const std::string& name = bound.revision->card().meters[meter].name;
  const auto of_days = bound.used_of_allowance.find(meter);
  const auto used =
      checked_add(of_days == bound.used_of_allowance.end() ? bound.used[meter] : of_days->second,
                  bound.used_to_date[meter]);
  if (!used || *used >= Decimal{power_of_ten(DecimalLimits{}.whole_digits_max), 0})
    return std::unexpected(too_much(name));
  if (*used != Decimal{}) state.used_to_date.push_back({name, used->normalized()});
  return {};
}

std::expected<void, Refusal> add_billed(const dsl::RateCard& card, const std::string& commitment,
                                        Int128 billed, NextState& state) {
  if (!fits_int64(billed)) return std::unexpected(too_much(commitment));
  if (billed != 0)
    state.billed_to_date.push_back({commitment, Decimal{billed, card.currency.exponent}});
  return {};
}

std::expected<NextState, Refusal> next_state(const BoundUsage& bound,
                                             const compiler::RateOutput& output) {
  return next_state(bound, [&](uint32_t step) { return counted_toward(bound, output, step); });
}

std::expected<NextState, Refusal> next_state(const BoundUsage& bound,
                                             const CountedToward& counted) {
  const dsl::RateCard& card = bound.revision->card();
  NextState state;
  if (!keeps_state(card)) return state;  // most cards: every quote comes by here
  for (uint32_t meter = 0; meter < card.meters.size(); ++meter) {
    if (!is_in_allowance(card, meter, bound.covered.until)) continue;
    if (auto fine = add_used(bound, meter, state); !fine) return std::unexpected(fine.error());
  }
  uint32_t commitment = 0;
  for (uint32_t step = 0; step < card.bill_steps.size(); ++step) {
    if (!card.bill_steps[step].commitment) continue;
    const compiler::CommitmentState& before = bound.input->commitments[commitment++];
    if (before.due) continue;
    const std::string& name = card.bill_steps[step].commitment->name;
    const Int128 billed = before.billed + counted(step);
    if (auto fine = add_billed(card, name, billed, state); !fine)
      return std::unexpected(fine.error());
  }
  return state;
}

}  // namespace toll::runtime
