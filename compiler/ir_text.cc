#include <fmt/format.h>

#include <iterator>

#include "base/ratio.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {
namespace {

using Out = std::back_insert_iterator<std::string>;

std::string condition_text(const std::optional<Condition>& condition) {
  if (!condition) return "";
  std::string digits;
  for (size_t i = 0; i < condition->holds.size(); ++i)
    if (condition->holds[i]) digits += fmt::format("{}{}", digits.empty() ? "" : " ", i);
  return fmt::format("   where {} / {} % {} in {{{}}}",
                     condition->of == Condition::Of::Cell ? "cell" : "part", condition->stride,
                     condition->holds.size(), digits);
}

void write_free_items(const QuantityStep& step, Out out) {
  std::string room;
  if (step.items != std::numeric_limits<int64_t>::max())
    room = fmt::format("the first {} items", step.items);
  if (step.amount != kInt128Max)
    room +=
        fmt::format("{}a sum of n up to {}", room.empty() ? "" : " and ", to_string(step.amount));
  fmt::format_to(out, "    free while within {}\n", room);
}

void write_quantity_step(const QuantityStep& step, Out out) {
  const std::string amount = to_string(step.amount);
  const std::string left = step.prorated ? "prorated " : step.to_date ? "left to date of " : "";
  switch (step.kind) {
    case QuantityStep::Kind::Subtract:
      fmt::format_to(out, "    n = max(0, n - {}{})\n", left, amount);
      break;
    case QuantityStep::Kind::SubtractShared:
      fmt::format_to(out, "    n = max(0, n - shared {}{})\n", left, amount);
      break;
    case QuantityStep::Kind::Round:
      fmt::format_to(out, "    n = round {} (n / {}) x {}\n", to_string(step.mode), amount, amount);
      break;
    case QuantityStep::Kind::SubtractShare:
      fmt::format_to(out, "    n = max(0, n - {} x the amount of charge {})\n", amount,
                     step.charge);
      break;
    case QuantityStep::Kind::FreeItems:
      write_free_items(step, out);
      break;
  }
}

std::string bound_text(Int128 up_to) { return up_to == kInt128Max ? "any" : to_string(up_to); }

/// "n <= 100": what is held against the bounds of a piece.
std::string bounds_text(const Charge& charge, const Piece& piece) {
  switch (charge.tier_by) {
    case dsl::TierBy::Own:
      return "n <= " + bound_text(piece.up_to);
    case dsl::TierBy::Rows:
      return "sum of n <= " + bound_text(piece.up_to);
    case dsl::TierBy::Meter:
      return "m0 <= " + bound_text(piece.up_to);
    case dsl::TierBy::Joint:
      break;
  }
  std::string text = "n <= " + bound_text(piece.up_to);
  for (size_t i = 0; i < piece.also_up_to.size(); ++i)
    text += fmt::format(", m{} <= {}", i, bound_text(piece.also_up_to[i]));
  return text;
}

void write_table(const Charge& charge, size_t index, Out out) {
  const Table& table = charge.tables[index];
  fmt::format_to(out, "    table {}: at n = 0: {}{}\n", index, to_string(table.at_zero),
                 table.rounds_tiers ? "; each tier rounded" : "");
  for (const Piece& piece : table.pieces) {
    fmt::format_to(out, "      {}: ", bounds_text(charge, piece));
    if (table.rounds_tiers) fmt::format_to(out, "{} minor units + ", to_string(piece.below));
    fmt::format_to(out, "{} + (n - {}) x {}", to_string(piece.start), to_string(piece.lower),
                   to_string(piece.price));
    for (const Block& block : piece.blocks)
      fmt::format_to(out, " + ceil((n - {}) / {}) x {}", to_string(piece.lower),
                     to_string(block.size), to_string(block.price));
    fmt::format_to(out, "\n");
  }
  if (!table.open()) fmt::format_to(out, "      else fault above_last_tier\n");
}

void write_money_step(const MoneyStep& step, Out out) {
  const std::string amount = (step.prorated ? "prorated " : "") + to_string(step.amount);
  const std::string condition = condition_text(step.condition);
  switch (step.kind) {
    case MoneyStep::Kind::Scale:
      fmt::format_to(out, "    a = a x {} / {}{}\n", to_string(step.numerator),
                     to_string(step.denominator), condition);
      break;
    case MoneyStep::Kind::Subtract:
      fmt::format_to(out, "    a = max(0, a - {}){}\n", amount, condition);
      break;
    case MoneyStep::Kind::Add:
      fmt::format_to(out, "    a = a + {}{}\n", amount, condition);
      break;
    case MoneyStep::Kind::AtLeast:
      fmt::format_to(out, "    a = max(a, {}){}{}\n", amount, step.at_once ? "" : " when final",
                     condition);
      break;
    case MoneyStep::Kind::AtMost:
      fmt::format_to(out, "    a = min(a, {}){}\n", amount, condition);
      break;
  }
}

std::string_view kind_text(dsl::syntax::MoneyLine::Kind kind) {
  using Kind = dsl::syntax::MoneyLine::Kind;
  switch (kind) {
    case Kind::Discount:
      return "discount";
    case Kind::Surcharge:
      return "surcharge";
    case Kind::Minimum:
      return "minimum";
    case Kind::Maximum:
      return "maximum";
  }
  return "";
}

/// " base compute"
std::string names(const std::vector<dsl::ItemRef>& items, const dsl::RateCard& card) {
  std::string text;
  for (const dsl::ItemRef& item : items)
    text += " " + (item.kind == dsl::ItemRef::Kind::Fee ? card.fees[item.index].name
                                                        : card.charges[item.index].name);
  return text;
}

void write_charge(const Charge& charge, const RatingProgram& program, const dsl::Charge& source,
                  const dsl::RateCard& card, Out out) {
  fmt::format_to(out, "  charge {}: {} cells, {} parts; n in 1/{} {}, a in 1/{} {}\n", source.name,
                 charge.cells, charge.parts, to_string(charge.quantity_denominator),
                 source.is_share() ? "minor units" : card.meters[source.meter].unit,
                 to_string(charge.price_denominator),
                 source.credit ? card.credits[*source.credit].name
                               : fmt::format("minor units of {}", card.currency.name()));
  if (source.is_share())
    fmt::format_to(out, "    n = sum of the lines of{}\n", names(source.share_of, card));
  for (size_t i = 0; i < charge.tier_meters.size(); ++i)
    fmt::format_to(out, "    m{} = all {}, in 1/{}\n", i, card.meters[charge.tier_meters[i]].name,
                   to_string(charge.quantity_denominator));
  for (const QuantityStep& step : charge.quantity_steps) write_quantity_step(step, out);
  for (size_t i = 0; i < charge.tables.size(); ++i) write_table(charge, i, out);
  for (size_t i = 0; i < charge.money_steps.size(); ++i) {
    write_money_step(charge.money_steps[i], out);
    if (charge.parts > 1 && i + 1 == charge.steps_on_parts)
      fmt::format_to(out, "    a = sum over parts\n");
  }
  const bool by_item = charge.grain != dsl::Grain::Cell;
  if (by_item && !charge.rounds_items) fmt::format_to(out, "    a = sum over items\n");
  if (program.rounding_place == dsl::RoundingPlace::Bill || charge.in_credits)
    fmt::format_to(out, "    line = a / {}\n", to_string(charge.denominator));
  else
    fmt::format_to(out, "    {} = round {} (a / {}) x {}\n", charge.rounds_items ? "item" : "line",
                   to_string(program.rounding),
                   to_string(charge.denominator * program.rounding_step), program.rounding_step);
  if (charge.rounds_items) fmt::format_to(out, "    line = sum over items\n");
  for (const SharedStep& step : charge.shared_steps)
    fmt::format_to(out, "    line = {} {}{} on the sum of the lines\n", kind_text(step.kind),
                   step.prorated ? "prorated " : "", step.amount);
  if (charge.narrow_max < 0)
    fmt::format_to(out, "    128-bit for every whole n\n");
  else
    fmt::format_to(out, "    64-bit while whole and at most {}\n", charge.narrow_max);
  if (charge.narrow_scale > 0 && charge.narrow_scaled_max >= 0)
    fmt::format_to(out, "    64-bit with {} places while at most {}\n", charge.narrow_scale,
                   Decimal{charge.narrow_scaled_max, static_cast<int>(charge.narrow_scale)}
                       .normalized()
                       .to_string());
}

void write_credit_step(const CreditStep& step, const RatingProgram& program,
                       const dsl::RateCard& card, Out out) {
  const dsl::Pool& last = card.pools[step.billed_by()];
  fmt::format_to(out, "  pool {}: c in 1/{} {}, a in 1/{} minor units\n", last.name,
                 to_string(step.quantity_denominator), card.credits[*last.credit].name,
                 to_string(step.price_denominator));
  for (size_t i = 0; i < step.charges.size(); ++i)
    fmt::format_to(out, "    c{} = sum of the lines of {}\n", i,
                   card.charges[step.charges[i]].name);
  for (const CreditStep::Draw& draw : step.draws) {
    fmt::format_to(out, "    {} pays", card.pools[draw.pool].name);
    for (const uint32_t place : draw.charges) fmt::format_to(out, " c{}", place);
    fmt::format_to(out, "\n");
  }
  if (step.blocked) {
    fmt::format_to(out, "    what is left is blocked\n");
    return;
  }
  fmt::format_to(out, "    a = {} + what is left x {}", to_string(step.price.start),
                 to_string(step.price.price));
  for (const Block& block : step.price.blocks)
    fmt::format_to(out, " + ceil(what is left / {}) x {}", to_string(block.size),
                   to_string(block.price));
  fmt::format_to(out, "; 0 where nothing is left\n");
  if (program.rounding_place == dsl::RoundingPlace::Bill)
    fmt::format_to(out, "    line = a / {}\n", to_string(step.price_denominator));
  else
    fmt::format_to(out, "    line = round {} (a / {}) x {}\n", to_string(program.rounding),
                   to_string(step.price_denominator * program.rounding_step),
                   program.rounding_step);
}

}  // namespace

std::string to_text(const RatingProgram& program, const dsl::RateCard& card) {
  std::string text;
  Out out(text);
  fmt::format_to(out, "program {}\n", card.name);
  for (const dsl::ItemRef& item : program.items) {
    if (item.kind == dsl::ItemRef::Kind::Fee) {
      const Fee& fee = program.fees[item.index];
      fmt::format_to(out, "  fee {}: line = {}{}{}\n", card.fees[item.index].name, fee.amount,
                     fee.prorated ? " x covered days / days" : "", fee.by_term ? " when due" : "");
    } else {
      write_charge(program.charges[item.index], program, card.charges[item.index], card, out);
    }
  }
  for (const CreditStep& step : program.credit_steps) write_credit_step(step, program, card, out);
  for (const BillStep& step : program.bill_steps) {
    if (step.commitment)
      fmt::format_to(out, "  bill: line = max(0, {} - billed {} - lines{}) when due\n", step.amount,
                     *step.commitment,
                     step.counts.empty() ? " above" : " of" + names(step.counts, card));
    else if (step.percent)
      fmt::format_to(out, "  bill: line = {} total x {} / {}\n", kind_text(step.kind),
                     to_string(step.numerator), to_string(step.denominator));
    else
      fmt::format_to(out, "  bill: line = {} {}{} on the total\n", kind_text(step.kind),
                     step.prorated ? "prorated " : "", step.amount);
  }
  for (const uint32_t pool : program.money_pools)
    fmt::format_to(out, "  pool {}: line = -min(total, what it holds)\n", card.pools[pool].name);
  if (program.rounding_place == dsl::RoundingPlace::Bill)
    fmt::format_to(out, "  total in 1/{} minor units: rounded {} to {}, spread over the lines\n",
                   to_string(program.bill_denominator), to_string(program.rounding),
                   program.rounding_step);
  return text;
}

}  // namespace toll::compiler
