#include "runtime/quoting/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "runtime/quoting/amounts.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/rated.h"

namespace toll::runtime {
namespace {

using compiler::LineOrigin;
using Kind = LineOrigin::Kind;

/// A price as it is written, and what it comes to where it is built on a cost.
std::string price_text(const dsl::Tier& tier) {
  return tier.derived.empty() ? tier.source.text
                              : fmt::format("{} ({})", tier.source.text, tier.derived);
}

}  // namespace

std::optional<Step> step_of_rounding(const dsl::RateCard& card, const Ratio& exact, Int128 amount) {
  if (exact == Ratio(amount)) return std::nullopt;
  const std::string how = card.rounding_place == dsl::RoundingPlace::Bill
                              ? std::string("with the whole bill")
                              : fmt::format("{} to {}", to_string(card.rounding),
                                            format_minor(card.rounding_step_minor, card.currency));
  return Step{fmt::format("{} rounded {}", grouped_major(exact, card.currency), how),
              place_of(card.source), std::nullopt, format_minor(amount, card.currency)};
}

Explanation::Explanation(const BoundUsage& bound) : bound_(bound) {
  compiler::for_each_line(bound.revision->program(), *bound.input,
                          [&](uint32_t, const LineOrigin& origin) { origins_.push_back(origin); });
  steps_.resize(origins_.size());
}

const dsl::Charge& Explanation::charge_of(uint32_t line) const {
  return bound_.revision->card().charges[origins_[line].item];
}

void Explanation::say(uint32_t line, std::string text, const dsl::SourceLine& source,
                      std::optional<Ratio> quantity, std::optional<Ratio> amount) {
  Step step{.text = std::move(text), .source = place_of(source), .quantity = {}, .amount = {}};
  if (quantity)
    step.quantity = origins_[line].kind == Kind::Cell && charge_of(line).is_share()
                        ? exact_major(*quantity, bound_.revision->card().currency)
                        : quantity->to_string();
  if (amount)
    step.amount = is_in_credits(line) ? amount->to_string()
                                      : exact_major(*amount, bound_.revision->card().currency);
  steps_[line].push_back(std::move(step));
}

bool Explanation::is_in_credits(uint32_t line) const {
  return credit_of(*bound_.revision, origins_[line]) != nullptr;
}

/// An amount of a line, thousands separated: in the major unit, or in credits.
std::string Explanation::amount_text(uint32_t line, const Ratio& amount) const {
  return is_in_credits(line) ? grouped(amount)
                             : grouped_major(amount, bound_.revision->card().currency);
}

bool Explanation::is_by_item(uint32_t line) const {
  return charge_of(line).grain != dsl::Grain::Cell;
}

void Explanation::on_quantity_step(uint32_t line, uint32_t step, const Ratio& before,
                                   const Ratio& after) {
  if (!is_by_item(line)) return say_quantity_step(line, step, before, after);
  if (before == after) return;
  of_item_.push_back(
      {.kind = ItemStep::Kind::Quantity, .step = step, .before = before, .after = after});
}

void Explanation::say_quantity_step(uint32_t line, uint32_t step, const Ratio& before,
                                    const Ratio& after) {
  const dsl::QuantityStep& taken = charge_of(line).quantity_steps[step];
  std::string text = taken.source.text + days(taken.prorated);
  if (taken.per)
    text += fmt::format(
        ", {} used to date",
        grouped(Ratio::of(bound_.used_to_date[charge_of(line).meter]).value_or(Ratio())));
  say(line, fmt::format("{}: {} → {}", text, grouped(before), grouped(after)), taken.source, after,
      {});
}

/// ", 17 of 31 days": of what is prorated, where that is not all of it.
std::string Explanation::days(bool prorated) const {
  if (!prorated || bound_.input->covered_days == bound_.input->period_days) return {};
  return fmt::format(", {} of {} days", bound_.input->covered_days, bound_.input->period_days);
}

void Explanation::on_tier(uint32_t line, uint32_t part, const compiler::PricedTier& priced) {
  if (!is_by_item(line)) return say_tier(line, part, priced);
  of_item_.push_back({.kind = ItemStep::Kind::Tier, .part = part, .tier = priced});
}

void Explanation::say_tier(uint32_t line, uint32_t part, const compiler::PricedTier& priced) {
  const dsl::RateCard& card = bound_.revision->card();
  const dsl::Charge& charge = charge_of(line);
  const uint32_t table = charge.table_of_cell[origins_[line].cell];
  const dsl::Tier& tier = charge.tables[table].tiers[priced.tier];
  if (priced.chosen) return chosen_tier_step(line, tier, priced.quantity, priced.amount);
  const compiler::Charge& lowered = bound_.revision->program().charges[origins_[line].item];
  std::string text = fmt::format(
      "{}{}, {} = {}", lowered.parts > 1 && !is_by_item(line) ? part_name(line, part) + ": " : "",
      in_words(charge, priced.quantity), price_text(tier), amount_text(line, priced.exact));
  if (lowered.tables[table].rounds_tiers)
    text += fmt::format(", rounded {} to {}", to_string(card.rounding),
                        grouped_major(priced.amount, card.currency));
  say(line, std::move(text), tier.source, priced.quantity, priced.amount);
}

/// "12,000 calls", "1,250.00 USD".
std::string Explanation::in_words(const dsl::Charge& charge, const Ratio& quantity) const {
  const dsl::RateCard& card = bound_.revision->card();
  if (charge.is_share())
    return fmt::format("{} {}", grouped_major(quantity, card.currency), card.currency.name());
  return fmt::format("{} {}", grouped(quantity), card.meters[charge.meter].unit_plural);
}

/// The tier that something else than the quantity chose: the total of the rows, another meter.
void Explanation::chosen_tier_step(uint32_t line, const dsl::Tier& tier, const Ratio& quantity,
                                   const Ratio& amount) {
  const dsl::RateCard& card = bound_.revision->card();
  const dsl::Charge& charge = charge_of(line);
  const auto used = [&](uint32_t meter) {
    return fmt::format("{} {}", grouped(Ratio::of(bound_.used[meter]).value_or(Ratio())),
                       card.meters[meter].unit_plural);
  };
  std::string text = in_words(charge, quantity);
  if (charge.tier_by == dsl::TierBy::Joint) text = used(charge.meter);
  for (const uint32_t meter : charge.tier_meters) {
    text += charge.tier_by == dsl::TierBy::Joint ? ", " : " at ";
    text += used(meter);
  }
  say(line, fmt::format("{}, {} = {}", text, price_text(tier), amount_text(line, amount)),
      tier.source, charge.tier_by == dsl::TierBy::Joint ? std::nullopt : std::optional(quantity),
      amount);
}

void Explanation::on_item(uint32_t line, uint32_t item, bool free, const Ratio& amount) {
  const compiler::ChargeUsage& usage = bound_.input->charges[origins_[line].item];
  const Ratio quantity =
      Ratio::of(usage.quantities[item], power_of_ten(static_cast<int>(usage.scale)));
  const bool by_day = charge_of(line).grain == dsl::Grain::Day;
  items_[line].add({amount, quantity, by_day ? 0 : usage.item_parts[item], free},
                   std::move(of_item_));
  of_item_.clear();
}

/// How many items a line has, and how the dearest came about.
void Explanation::item_steps(uint32_t line) {
  const dsl::Charge& charge = charge_of(line);
  const ItemGroups& items = items_[line];
  const std::string_view noun = charge.grain == dsl::Grain::Day ? "day" : "item";
  const auto counted = [&](uint64_t count) {
    return fmt::format("{} {}{}", group_thousands(std::to_string(count)), noun,
                       count == 1 ? "" : "s");
  };
  say(line, fmt::format("{}, each by itself", counted(items.count())), charge.source, {}, {});
  for (const auto& [group, members] : items.shown()) group_steps(line, group, members);
  if (items.rest_count() == 0) return;
  std::string text = fmt::format("{} more", counted(items.rest_count()));
  if (items.rest()) text += fmt::format(" = {}", amount_text(line, *items.rest()));
  say(line, std::move(text), charge.source, {}, items.rest());
}

void Explanation::group_steps(uint32_t line, const ItemGroup& group,
                              const ItemGroups::Members& members) {
  const dsl::Charge& charge = charge_of(line);
  const compiler::Charge& lowered = bound_.revision->program().charges[origins_[line].item];
  std::string text = fmt::format("{} × {}", group_thousands(std::to_string(members.count)),
                                 in_words(charge, group.quantity));
  if (lowered.parts > 1) text += ", " + part_name(line, group.part);
  text += group.free ? ": free"
                     : fmt::format(": {}{}", amount_text(line, group.amount),
                                   members.count > 1 ? " each" : "");
  const auto sum = checked_mul(group.amount, Ratio(Int128{members.count}));
  if (sum && members.count > 1 && !group.free)
    text += fmt::format(" = {}", amount_text(line, *sum));
  say(line, std::move(text), charge.source, {}, sum);
  for (const ItemStep& step : members.steps) {
    if (step.kind == ItemStep::Kind::Quantity)
      say_quantity_step(line, step.step, step.before, step.after);
    else if (step.kind == ItemStep::Kind::Tier)
      say_tier(line, step.part, step.tier);
    else
      say_money_step(line, step.part, step.step, step.before, step.after);
  }
}

void Explanation::on_money_step(uint32_t line, uint32_t part, uint32_t step, const Ratio& before,
                                const Ratio& after) {
  if (!is_by_item(line)) return say_money_step(line, part, step, before, after);
  of_item_.push_back({.kind = ItemStep::Kind::Money,
                      .part = part,
                      .step = step,
                      .before = before,
                      .after = after});
}

void Explanation::say_money_step(uint32_t line, uint32_t part, uint32_t step, const Ratio& before,
                                 const Ratio& after) {
  if (before == after) return;
  const dsl::MoneyStep& taken = charge_of(line).money_steps[step];
  const dsl::SourceLine& source = taken.source;
  const compiler::Charge& lowered = bound_.revision->program().charges[origins_[line].item];
  // Lowered steps leave out the shared ones; so their number is not the card's.
  const auto on_parts = std::span(lowered.money_steps).first(lowered.steps_on_parts);
  const bool on_part =
      lowered.parts > 1 &&
      std::ranges::find(on_parts, step, &compiler::MoneyStep::step) != on_parts.end();
  say(line,
      fmt::format("{}{}{}: {} → {}", on_part ? part_name(line, part) + ", " : "", source.text,
                  days(taken.prorated_by_day), amount_text(line, before), amount_text(line, after)),
      source, {}, after);
}

/// "mode batch": the values that a part stands for.
std::string Explanation::part_name(uint32_t line, uint32_t part) const {
  const dsl::RateCard& card = bound_.revision->card();
  std::string name;
  for (const compiler::Split& split :
       bound_.revision->program().charges[origins_[line].item].splits) {
    const uint32_t classes = *std::ranges::max_element(split.class_of_value) + 1;
    const dsl::Dimension& dimension = card.dimensions[split.dimension];
    std::string values;
    for (size_t value = 0; value < dimension.values.size(); ++value)
      if (split.class_of_value[value] == part / split.stride % classes)
        values += (values.empty() ? " " : " or ") + dimension.values[value];
    name += (name.empty() ? "" : ", ") + dimension.name + values;
  }
  return name;
}

void Explanation::add_steps(const compiler::RateOutput& output, Answer& answer) {
  const dsl::RateCard& card = bound_.revision->card();
  const bool exactly = card.rounding_place == dsl::RoundingPlace::Bill;
  Int128 total = 0;
  Ratio acted_on, acted_on_in_charge;
  uint32_t charge = Revision::kNone;
  for (uint32_t line = 0; line < origins_.size(); ++line) {
    const LineOrigin& origin = origins_[line];
    const compiler::LineAmount& amount = output.lines[line];
    const bool of_charge = origin.kind == Kind::Cell || origin.kind == Kind::SharedStep;
    const uint32_t charge_now = of_charge ? origin.item : Revision::kNone;
    if (charge_now != charge) acted_on_in_charge = Ratio();
    charge = charge_now;
    const auto on_sum = [&](const auto& step, const Ratio& sum) {
      say(line,
          fmt::format("{}{}, on {}", step.source.text, days(step.prorated_by_day),
                      sum.denominator() == 1 ? format_minor_grouped(sum.numerator(), card.currency)
                                             : grouped_major(sum, card.currency)),
          step.source, {}, Ratio(amount.amount));
    };
    if (origin.kind == Kind::Fee) fee_step(origin, line, output);
    if (origin.kind == Kind::Cell && card.charges[origin.item].is_share()) base_steps(line, output);
    if (origin.kind == Kind::BillStep) {
      const dsl::BillStep& step = card.bill_steps[origin.item];
      step.commitment ? commitment_step(origin, line, output) : on_sum(step, acted_on);
    }
    if (origin.kind == Kind::SharedStep) {
      const auto& shared =
          bound_.revision->program().charges[origin.item].shared_steps[origin.step];
      on_sum(card.charges[origin.item].money_steps[shared.step], acted_on_in_charge);
    }
    if (origin.kind == Kind::Cell && is_by_item(line)) item_steps(line);
    if (origin.kind == Kind::Pool) pool_steps(origin, line, total, output);
    if (is_in_credits(line)) continue;
    const Ratio exact = Ratio::of(amount.numerator, amount.denominator);
    if (auto step = step_of_rounding(card, exact, amount.amount))
      steps_[line].push_back(*std::move(step));
    // A bill that is rounded as a whole is added up exactly before.
    const Ratio counted = exactly ? exact : Ratio(amount.amount);
    acted_on = checked_add(acted_on, counted).value_or(acted_on);
    acted_on_in_charge = checked_add(acted_on_in_charge, counted).value_or(acted_on_in_charge);
    total += amount.amount;
  }
  auto shown = answer.lines.begin();
  for (size_t line = 0; line < origins_.size(); ++line)
    if (is_shown(bound_, origins_[line], output.lines[line]))
      (shown++)->steps = std::move(steps_[line]);
}

std::vector<Step> Explanation::steps_of_row(uint32_t line, const compiler::RateOutput& output) {
  if (charge_of(line).is_share()) base_steps(line, output);
  if (is_by_item(line)) item_steps(line);
  return std::move(steps_[line]);
}

std::vector<Step> Explanation::steps_of_share(uint32_t line, std::span<const Int128> sums) {
  base_steps(line, sums);
  return std::move(steps_[line]);
}

void Explanation::base_steps(uint32_t line, const compiler::RateOutput& output) {
  std::vector<Int128> sums;
  for (const dsl::ItemRef& item : charge_of(line).share_of)
    sums.push_back(sum_of_lines(origins_, output, item));
  base_steps(line, sums);
}

/// What a share is a share of, before the steps that price it.
void Explanation::base_steps(uint32_t line, std::span<const Int128> sums) {
  const dsl::RateCard& card = bound_.revision->card();
  std::vector<Step> priced = std::move(steps_[line]);
  steps_[line].clear();
  for (size_t i = 0; i < sums.size(); ++i) {
    const dsl::ItemRef& item = charge_of(line).share_of[i];
    const bool fee = item.kind == dsl::ItemRef::Kind::Fee;
    const Ratio sum(sums[i]);
    say(line,
        fmt::format("{}: {} {}", fee ? card.fees[item.index].name : card.charges[item.index].name,
                    grouped_major(sum, card.currency), card.currency.name()),
        fee ? card.fees[item.index].source : card.charges[item.index].source, {}, sum);
  }
  std::ranges::move(priced, std::back_inserter(steps_[line]));
}

void Explanation::commitment_step(const LineOrigin& origin, uint32_t line,
                                  const compiler::RateOutput& output) {
  const dsl::RateCard& card = bound_.revision->card();
  const dsl::BillStep& step = card.bill_steps[origin.item];
  Int128 counted = 0;
  if (step.commitment->counts.empty())
    for (uint32_t above = 0; above < line; ++above) counted += output.lines[above].amount;
  for (const dsl::ItemRef& item : step.commitment->counts)
    counted += sum_of_lines(origins_, output, item);
  const uint32_t index = *bound_.revision->program().bill_steps[origin.item].commitment;
  say(line,
      fmt::format("{}, {} billed to date, {} now", step.source.text,
                  format_minor_grouped(bound_.input->commitments[index].billed, card.currency),
                  format_minor_grouped(counted, card.currency)),
      step.source, {}, Ratio(output.lines[line].amount));
}

/// What the charges came to, what each grant paid of it, and what is beyond; of a pool in money
/// what was there to be paid.
void Explanation::pool_steps(const LineOrigin& origin, uint32_t line, Int128 total,
                             const compiler::RateOutput& output) {
  const dsl::RateCard& card = bound_.revision->card();
  const dsl::Pool& pool = card.pools[origin.item];
  if (!pool.credit) {
    say(line,
        fmt::format("{}, on {}", pool.source.text, format_minor_grouped(total, card.currency)),
        pool.source, {}, Ratio(output.lines[line].amount));
    return;
  }
  const auto& steps = bound_.revision->program().credit_steps;
  const auto step = std::ranges::find_if(
      steps, [&](const auto& each) { return each.billed_by() == origin.item; });
  const Draws draws = draws_of(bound_, output)[static_cast<size_t>(step - steps.begin())];
  const std::string& unit = card.credits[*pool.credit].plural;
  Ratio used = Ratio::of(draws.beyond, draws.unit);
  for (const Int128 paid : draws.paid)
    used = checked_add(used, Ratio::of(paid, draws.unit)).value_or(used);
  say(line, fmt::format("{} {} used", grouped(used), unit), pool.source, used, {});
  for (size_t g = 0; g < draws.paid.size(); ++g) {
    if (draws.paid[g] == 0) continue;
    const BoundGrant& grant = bound_.grants[g];
    const dsl::Pool& paying = card.pools[grant.grant.pool];
    const Ratio paid = Ratio::of(draws.paid[g], draws.unit);
    used = checked_sub(used, paid).value_or(used);
    say(line,
        fmt::format("{}{} pays {} of {} {}", paying.name,
                    grant.expires ? ", expiring " + to_string(*grant.expires) : "", grouped(paid),
                    grouped(grant.grant.quantity), unit),
        paying.source, used, {});
  }
  const compiler::LineAmount& amount = output.lines[line];
  const Ratio exact = Ratio::of(amount.numerator, amount.denominator);
  say(line,
      fmt::format("{} {}, {} = {}", grouped(used), unit, pool.beyond_source.text,
                  grouped_major(exact, card.currency)),
      pool.beyond_source, used, exact);
}

/// Why a fee that has a term is due.
std::string Explanation::term(const dsl::Fee& fee) const {
  if (fee.once)
    return bound_.since ? fmt::format(": the subscription begins on {}", to_string(*bound_.since))
                        : std::string(": the customer is new");
  if (!fee.term) return {};
  const auto begins = begins_term(bound_.covered, *fee.term, bound_.since);
  return begins
             ? fmt::format(": term of a {} begins on {}", to_string(*fee.term), to_string(*begins))
             : std::string();
}

void Explanation::fee_step(const LineOrigin& origin, uint32_t line,
                           const compiler::RateOutput& output) {
  const dsl::Fee& fee = bound_.revision->card().fees[origin.item];
  say(line, fee.source.text + days(fee.prorated_by_day) + term(fee), fee.source, {},
      Ratio::of(output.lines[line].numerator, output.lines[line].denominator));
}

}  // namespace toll::runtime
