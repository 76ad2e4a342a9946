#include "dsl/checker/tiers.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/rounding.h"
#include "dsl/checker/share.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

TierKind kind_of(const syntax::Tiers* line) {
  if (!line) return TierKind::Graduated;  // missing, which is reported; graduated shows the rest
  if (line->kind.text == "volume") return TierKind::Volume;
  if (line->kind.text == "stairstep") return TierKind::Stairstep;
  return TierKind::Graduated;
}

bool same_price(const Tier& a, const Tier& b) {
  return std::ranges::equal(a.terms, b.terms, [](const Term& x, const Term& y) {
    return x.kind == y.kind && x.price_minor == y.price_minor && x.block == y.block &&
           x.cost_plus == y.cost_plus;
  });
}

/// Whether a tier with the price of the tier below it is no tier at all. Flat prices and blocks of
/// graduated tiers count once more in each tier.
bool equal_prices_are_one_tier(TierKind kind, const Tier& tier) {
  return kind != TierKind::Graduated || std::ranges::all_of(tier.terms, [](const Term& term) {
           return term.kind == syntax::Term::Kind::PerUnit;
         });
}

class Tiers {
 public:
  Tiers(std::span<const syntax::Row* const> rows, const ChargeDraft& draft, CardContext& context)
      : rows_(rows), draft_(draft), context_(context) {}

  PriceTable check() {
    table_.kind = rows_.size() > 1 || rows_.front()->up_to ? kind_of(draft_.tiers) : TierKind::None;
    for (const syntax::Row* row : rows_) {
      if (!take(*row)) break;
    }
    warn_about_equal_neighbours();
    note_if_bounded();
    return std::move(table_);
  }

 private:
  bool take(const syntax::Row& row);
  void take_bound(const syntax::Row& row, Tier& tier);
  std::optional<Ratio> bound(const syntax::Quantity& up_to);
  void report_if_zero(const Ratio& bound, Span place);
  void take_price(const syntax::Row& row, Tier& tier);
  void warn_about_equal_neighbours();
  void note_if_bounded();

  Place at(Span span) const { return context_.read.at(span); }

  std::span<const syntax::Row* const> rows_;
  const ChargeDraft& draft_;
  CardContext& context_;
  PriceTable table_;
  const syntax::Row* open_ = nullptr;  ///< the row that takes everything
  const syntax::Row* last_bounded_ = nullptr;
  bool rising_ = true;  ///< else the last bound is most likely not the highest
};

/// False where the rows that follow would only repeat the error.
bool Tiers::take(const syntax::Row& row) {
  if (open_) {
    if (row.beyond || row.up_to) {
      context_.report.add("E203", "nothing reaches this row", at(row.bound_span))
          .see(at(open_->beyond ? open_->bound_span : open_->span), "takes everything")
          .help("move the open row to the end, or remove this one");
    } else {
      context_.report.add("E209", "two rows price the same quantity", at(row.span))
          .see(at(open_->span), "the other one")
          .help("remove one of them");
    }
    return false;
  }
  Tier tier;
  tier.source = context_.read.source(row.span);
  if (row.up_to) {
    take_bound(row, tier);
  } else {
    if (!row.beyond && last_bounded_) {
      context_.report
          .add("E209", "this row prices the quantity of the tiers above once more", at(row.span))
          .see(at(last_bounded_->bound_span), "a tier above")
          .help("begin the row with `beyond` if it is for what is above the last bound");
    }
    open_ = &row;
  }
  take_price(row, tier);
  table_.tiers.push_back(std::move(tier));
  return true;
}

/// In the unit of what is held against it.
std::optional<Ratio> Tiers::bound(const syntax::Quantity& up_to) {
  const Charge& charge = draft_.charge;
  if (charge.tier_by == TierBy::Meter) {
    return context_.read.quantity(up_to, *context_.meters[charge.tier_meters.front()],
                                  "this tier ends at", "up to ");
  }
  if (!draft_.share) {
    return context_.read.quantity(up_to, draft_.meter, "this tier ends at", "up to ");
  }
  if (!find_currency(up_to.unit.text)) {
    report_unfit_for_share("the bounds of a share are amounts of money", up_to.span, context_)
        .help(fmt::format("write the bound as an amount, such as `up to 1,000.00 {}`",
                          context_.card.currency.name()));
    return std::nullopt;
  }
  if (!context_.read.in_one_currency(up_to, context_.currency, "this bound")) return std::nullopt;
  auto amount = context_.read.amount(up_to, context_.currency);
  return amount ? std::optional(Ratio(*amount)) : std::nullopt;
}

/// Across rows, a total of 0 is of rows that all have nothing to price.
void Tiers::report_if_zero(const Ratio& bound, Span place) {
  if (!bound.is_zero() || draft_.charge.tier_by != TierBy::Rows) return;
  context_.report
      .add("E203", "nothing reaches this row", at(place),
           "where the rows come to nothing, nothing is due")
      .help("remove the row");
}

void Tiers::take_bound(const syntax::Row& row, Tier& tier) {
  tier.up_to = bound(*row.up_to);
  if (tier.up_to) report_if_zero(*tier.up_to, row.bound_span);
  const syntax::Row* before = last_bounded_;
  last_bounded_ = &row;
  if (!tier.up_to || !before) return;
  const auto& lower = table_.tiers.back().up_to;
  if (!lower || *tier.up_to > *lower) return;
  rising_ = false;
  context_.report
      .add("E202", "tier bounds must rise", at(row.up_to->span),
           *tier.up_to == *lower ? "the same as the bound above" : "smaller than the bound above")
      .see(at(before->up_to->span), "the bound above")
      .help("write the tiers from the lowest bound to the highest");
}

void Tiers::take_price(const syntax::Row& row, Tier& tier) {
  for (const syntax::Term& term : row.price) {
    const bool tiered =
        draft_.tiers && draft_.tiers->kind.text == "stairstep" && (row.up_to || row.beyond);
    const bool flat =
        term.kind == syntax::Term::Kind::Flat ||
        (term.kind == syntax::Term::Kind::PerItem && draft_.charge.grain == Grain::Item);
    if (tiered && !flat) {
      context_.report
          .add("E211", "a stairstep tier has one flat price", at(term.span),
               "this price grows with the quantity")
          .see(at(draft_.tiers->span))
          .help("write `at 50.00 USD flat`, or choose `tiers volume`");
      continue;
    }
    auto known = draft_.share
                     ? read_share_term(term, context_)
                     : context_.read.term(term, draft_.meter, draft_.charge.grain, draft_.currency);
    if (known) {
      tier.terms.push_back(*known);
    }
  }
}

void Tiers::warn_about_equal_neighbours() {
  for (size_t i = 1; i < table_.tiers.size(); ++i) {
    const Tier& below = table_.tiers[i - 1];
    const Tier& tier = table_.tiers[i];
    const bool from_zero = below.up_to && below.up_to->is_zero();
    const bool complete = tier.terms.size() == rows_[i]->price.size() &&
                          below.terms.size() == rows_[i - 1]->price.size();
    if (from_zero || !complete || !same_price(below, tier)) continue;
    if (!equal_prices_are_one_tier(table_.kind, tier)) continue;
    context_.report
        .add("W212", "this tier changes nothing", at(rows_[i]->price_span),
             "the same price as the tier above")
        .see(at(rows_[i - 1]->price_span))
        .help("leave one of the two out");
    return;
  }
}

void Tiers::note_if_bounded() {
  if (open_ || !rising_ || !last_bounded_ || table_.tiers.empty() || !table_.tiers.back().up_to)
    return;
  context_.bounded_tables.push_back({.charge = static_cast<uint32_t>(context_.card.charges.size()),
                                     .table = static_cast<uint32_t>(draft_.charge.tables.size()),
                                     .row = last_bounded_,
                                     .damaged = draft_.syntax.damaged});
}

/// The largest quantity that is held against the bounds of a charge while the meter stays within
/// `limit`: a `rounded` line may lift it. Allowances only lower it. Empty when it does not fit, and
/// where each of several rows may be lifted.
std::optional<Ratio> lifted(const Ratio& limit, const Charge& charge) {
  Ratio quantity = limit;
  if (charge.tier_by == TierBy::Meter || charge.tier_by == TierBy::Joint) return quantity;
  for (const QuantityStep& step : charge.quantity_steps) {
    if (step.kind != QuantityStep::Kind::Rounded) continue;
    auto steps = checked_div(quantity, step.quantity);
    if (!steps) return std::nullopt;
    if (charge.tier_by == TierBy::Rows && step.mode != RoundingMode::Down) return std::nullopt;
    const Ratio whole(div_round(steps->numerator(), steps->denominator(), step.mode));
    auto rounded = checked_mul(whole, step.quantity);
    if (!rounded) return std::nullopt;
    quantity = std::max(quantity, *rounded);
  }
  return quantity;
}

/// Why a limit closes no table at all; empty when it may.
std::string why_not_closing(const Limit& limit, const RateCard& card) {
  if (!limit.to) return "this limit has no end";
  if (limit.action != "block") {
    return fmt::format("this limit does not block, it says `{}`", limit.action);
  }
  if (limit.per == to_string(card.period)) return {};
  if (limit.per.empty()) return fmt::format("this limit is not `per {}`", to_string(card.period));
  return fmt::format("this limit is per {}, the card bills per {}", limit.per,
                     to_string(card.period));
}

/// What is known about the limits of one meter.
struct LimitsOfMeter {
  std::optional<uint32_t> closing;  ///< the lowest that may close a table
  uint32_t first = 0;
  std::string why_first_does_not;
};

std::map<uint32_t, LimitsOfMeter> limits_by_meter(const RateCard& card) {
  std::map<uint32_t, LimitsOfMeter> limits;
  for (uint32_t i = 0; i < card.limits.size(); ++i) {
    const Limit& limit = card.limits[i];
    if (!limit.meter) continue;
    auto why_not = why_not_closing(limit, card);
    auto& known = limits.try_emplace(*limit.meter, LimitsOfMeter{{}, i, why_not}).first->second;
    if (!why_not.empty()) continue;
    if (!known.closing || *limit.to < *card.limits[*known.closing].to) known.closing = i;
  }
  return limits;
}

/// A bound of the last row of a table, and the meter whose quantity is held against it.
struct LastBound {
  uint32_t meter = kNoMeter;  ///< of a share: kNoMeter
  Ratio bound;
  const syntax::Quantity* written = nullptr;
};

std::vector<LastBound> last_bounds(const BoundedTable& bounded, const Charge& charge) {
  const Tier& tier = charge.tables[bounded.table].tiers.back();
  const uint32_t meter =
      charge.tier_by == TierBy::Meter ? charge.tier_meters.front() : charge.meter;
  std::vector<LastBound> bounds = {{meter, *tier.up_to, &*bounded.row->up_to}};
  for (size_t i = 0; i < tier.also_up_to.size(); ++i) {
    bounds.push_back({charge.tier_meters[i], tier.also_up_to[i], &bounded.row->also_up_to[i]});
  }
  return bounds;
}

void report_open_share(const BoundedTable& bounded, CardContext& context) {
  context.report
      .add("E201", "the last tier must be open", context.read.at(bounded.row->bound_span),
           "what is due on more than this?")
      .help("add `beyond at ...% of ...`");
}

void report_not_closed(const BoundedTable& bounded, const LastBound& last,
                       const LimitsOfMeter* limits, CardContext& context) {
  const Charge& charge = context.card.charges[bounded.charge];
  const Meter& meter = context.card.meters[last.meter];
  const syntax::Row& row = *bounded.row;
  const Ratio& bound = last.bound;
  const std::string label =
      bound.denominator() != 1 ? std::string("what does more than this cost?")
      : charge.tier_by == TierBy::Own
          ? fmt::format("what does {} {} cost?", meter.unit, shown(Ratio(bound.numerator() + 1)))
          : fmt::format("what is due at {} {}?", meter.unit, shown(Ratio(bound.numerator() + 1)));
  auto finding = context.report.add("E201", "the last tier must be open",
                                    context.read.at(row.bound_span), label);
  if (limits && limits->closing) {
    finding.see(context.card.limits[*limits->closing].source.place,
                "this limit ends above the last tier");
  } else if (limits) {
    finding.see(context.card.limits[limits->first].source.place, limits->why_first_does_not);
  }
  const auto keys = context.read.text(row.keys_span);
  const std::string price = charge.tier_by == TierBy::Joint
                                ? std::string("... flat")
                                : "... per " + context.card.meters[charge.meter].unit;
  finding.help(fmt::format("add `{}{}beyond at {}`, or `limit {} to {} per {} then block`", keys,
                           keys.empty() ? "" : " ", price, meter.name,
                           context.read.text(last.written->span), to_string(context.card.period)));
}

}  // namespace

PriceTable check_tiers(std::span<const syntax::Row* const> rows, const ChargeDraft& draft,
                       CardContext& context) {
  return Tiers(rows, draft, context).check();
}

void close_bounded_tables(CardContext& context) {
  const auto limits = limits_by_meter(context.card);
  for (const BoundedTable& bounded : context.bounded_tables) {
    Charge& charge = context.card.charges[bounded.charge];
    const auto bounds = last_bounds(bounded, charge);
    const auto limits_of = [&](const LastBound& last) {
      const auto known = limits.find(last.meter);
      return known == limits.end() ? nullptr : &known->second;
    };
    const auto is_closed = [&](const LastBound& last) {
      const LimitsOfMeter* known = limits_of(last);
      if (!known || !known->closing) return false;
      const auto reached = lifted(*context.card.limits[*known->closing].to, charge);
      return reached && *reached <= last.bound;
    };
    const auto open = std::ranges::find_if_not(bounds, is_closed);
    if (open == bounds.end()) {
      // A row whose cells cost differently has a table for each cost.
      const Place row = charge.tables[bounded.table].tiers.back().source.place;
      for (PriceTable& table : charge.tables)
        if (table.tiers.back().source.place == row)
          table.closed_by = limits_of(bounds.front())->closing;
    } else if (!bounded.damaged && !context.limits_incomplete) {
      open->meter == kNoMeter ? report_open_share(bounded, context)
                              : report_not_closed(bounded, *open, limits_of(*open), context);
    }
  }
}

}  // namespace toll::dsl::checker
