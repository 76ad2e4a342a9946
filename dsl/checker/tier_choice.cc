#include "dsl/checker/tier_choice.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "dsl/checker/share.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

Finding report_joint(std::string message, Span place, CardContext& context) {
  return context.report.add("E234", std::move(message), context.read.at(place));
}

/// Whether the `tiers` line may choose tiers by something else than the quantity that is priced.
bool may_choose(const syntax::Tiers& line, CardContext& context) {
  if (line.kind.text == "volume") return true;
  const bool graduated = line.kind.text == "graduated";
  const std::string_view by = line.across_rows ? "across rows" : "by another meter";
  context.report
      .add("E233", fmt::format("`tiers {}` cannot be chosen {}", line.kind.text, by),
           context.read.at(line.span))
      .why(graduated          ? line.across_rows ? "which row's usage would fill the first tier?"
                                                 : "which part of the usage would belong to the first tier?"
           : line.across_rows ? "would each row owe the flat price, or all of them once?"
                              : "a flat price by one meter is a charge on that meter")
      .help(graduated          ? "write `tiers volume`, which prices all usage at one tier"
            : line.across_rows ? "write `tiers volume`, or leave `by` out of the charge"
                               : "write a charge on the other meter with `tiers stairstep`");
  return false;
}

void choose_across_rows(ChargeDraft& draft, CardContext& context) {
  if (!may_choose(*draft.tiers, context)) return;
  if (draft.charge.by.empty()) {
    context.report
        .add("E308", "this charge has no rows that the tiers could go across",
             context.read.at(draft.tiers->span))
        .help("leave `across rows` out");
    return;
  }
  draft.charge.tier_by = TierBy::Rows;
}

void choose_by_meter(ChargeDraft& draft, CardContext& context) {
  if (draft.share) {
    report_unfit_for_share("the tiers of a share go by its amount", draft.tiers->by->span, context)
        .help("leave `by` and the meter out");
    return;
  }
  may_choose(*draft.tiers, context);  // else the bounds are in that meter's unit all the same
  auto meter = context.meter(*draft.tiers->by, "`tiers volume by METER` names a meter");
  if (!meter) {
    context.incomplete = true;
    return;
  }
  if (*meter == draft.charge.meter) {
    context.report
        .add("E233", fmt::format("{} is the charge's own meter", quoted(draft.tiers->by->text)),
             context.read.at(draft.tiers->by->span))
        .help("write `tiers volume`");
    return;
  }
  draft.charge.tier_by = TierBy::Meter;
  draft.charge.tier_meters = {*meter};
}

/// The meters after the first, and what a joint capacity does not have.
void choose_jointly(ChargeDraft& draft, CardContext& context) {
  const syntax::Charge& syntax = draft.syntax;
  draft.charge.tier_by = TierBy::Joint;
  for (const syntax::Word& word : syntax.also_on) {
    auto meter = context.meter(word);
    if (!meter) {
      context.incomplete = true;
      continue;
    }
    const auto& others = draft.charge.tier_meters;
    if (*meter == draft.charge.meter || std::ranges::find(others, *meter) != others.end()) {
      context.report
          .add("E120", fmt::format("{} stands twice", quoted(word.text)),
               context.read.at(word.span))
          .help("leave one of them out");
      continue;
    }
    draft.charge.tier_meters.push_back(*meter);
  }
  if (!syntax.by.empty()) {
    const Span by{syntax.by.front().span.begin, syntax.by.back().span.end};
    report_joint("a charge on several meters has no `by`", by, context)
        .help("leave `by` out: what was used of each meter is added up");
  }
  if (!draft.charge.quantity_steps.empty()) {
    const SourceLine& source = draft.charge.quantity_steps.front().source;
    context.report
        .add("E234", "a charge on several meters has no quantity lines", source.place,
             "which of the meters is this about?")
        .help("write the quantities into the bounds of the rows");
  }
  const syntax::Tiers* tiers = draft.tiers;
  if (tiers && tiers->kind.text == "stairstep" && !tiers->across_rows && !tiers->by) return;
  report_joint("a charge on several meters has `tiers stairstep`",
               tiers ? tiers->span : draft.head(), context)
      .why("its price is for a capacity that holds all of them")
      .help(tiers ? "write `tiers stairstep`" : "add a line `tiers stairstep` above the rows");
}

/// The rows of a joint capacity, in their order.
class JointRows {
 public:
  JointRows(ChargeDraft& draft, CardContext& context) : draft_(draft), context_(context) {
    meters_.push_back(&draft.meter);
    for (uint32_t meter : draft.charge.tier_meters) meters_.push_back(context.meters[meter]);
    complete_ = meters_.size() == 1 + draft.syntax.also_on.size();
  }

  void check() {
    table_.kind = TierKind::Stairstep;
    for (const syntax::Row* row : draft_.rows) take(*row);
    if (last_ && !last_->beyond) {
      context_.bounded_tables.push_back(
          {.charge = static_cast<uint32_t>(context_.card.charges.size()),
           .table = 0,
           .row = last_,
           .damaged = draft_.syntax.damaged});
    }
    draft_.charge.tables.push_back(std::move(table_));
    draft_.charge.table_of_cell = {0};
    draft_.charge.cells_in_row_order = {0};
  }

 private:
  Place at(Span span) const { return context_.read.at(span); }

  void take(const syntax::Row& row) {
    if (!row.keys.empty())
      report_joint("a row of a charge on several meters has no key", row.keys_span, context_)
          .help("begin the row with `up to`");
    if (last_ && last_->beyond) {
      context_.report.add("E203", "nothing reaches this row", at(row.span))
          .see(at(last_->bound_span), "takes everything")
          .help("move the open row to the end, or remove this one");
      return;
    }
    const size_t bounds = row.up_to ? 1 + row.also_up_to.size() : 0;
    if (!row.beyond && bounds != meters_.size() && complete_) {
      std::vector<std::string> names;
      for (const MeterEntry* meter : meters_) names.push_back(meter->meter.name);
      report_joint(fmt::format("this row has {}, the charge is on {}", counted(bounds, "bound"),
                               listed(names)),
                   bounds > 0 ? row.bound_span : row.span, context_)
          .help("write `up to` and a bound for each meter, in the order of `on`");
      return;
    }
    last_ = &row;
    Tier tier;
    tier.source = context_.read.source(row.span);
    if (row.up_to && complete_ && !take_bounds(row, tier)) return;
    take_price(row, tier);
    report_if_unreached(row, tier);
    table_.tiers.push_back(std::move(tier));
  }

  bool take_bounds(const syntax::Row& row, Tier& tier) {
    tier.up_to = context_.read.quantity(*row.up_to, *meters_[0], "this bound is", "up to ");
    for (size_t i = 0; i < row.also_up_to.size(); ++i) {
      auto bound =
          context_.read.quantity(row.also_up_to[i], *meters_[i + 1], "this bound is", "up to ");
      if (bound) tier.also_up_to.push_back(*bound);
    }
    return tier.up_to && tier.also_up_to.size() == row.also_up_to.size();
  }

  void take_price(const syntax::Row& row, Tier& tier) {
    for (const syntax::Term& term : row.price) {
      if (term.kind != syntax::Term::Kind::Flat) {
        context_.report
            .add("E211", "a stairstep tier has one flat price", at(term.span),
                 "this price grows with the quantity")
            .see(at(draft_.tiers ? draft_.tiers->span : draft_.head()))
            .help("write `at 50.00 USD flat`");
        continue;
      }
      if (auto known = context_.read.term(term, draft_.meter, Grain::Cell, draft_.currency))
        tier.terms.push_back(*known);
    }
  }

  /// A row above that holds at least as much of every meter takes all that this one could.
  void report_if_unreached(const syntax::Row& row, const Tier& tier) {
    if (!tier.up_to || reported_) return;
    if (!context_.budget.take_visits(table_.tiers.size())) {
      reported_ = true;
      context_.report.add("E214", "the rows of this charge are too many", at(draft_.head()))
          .help("split the charge into several");
      return;
    }
    for (const Tier& above : table_.tiers) {
      const bool holds_more =
          above.up_to && *above.up_to >= *tier.up_to &&
          std::ranges::equal(above.also_up_to, tier.also_up_to, std::ranges::greater_equal());
      if (!holds_more) continue;
      reported_ = true;
      context_.report.add("E203", "nothing reaches this row", at(row.bound_span))
          .see(above.source.place, "this row holds as much of each meter")
          .help("write the rows from the smallest capacity to the largest");
      return;
    }
  }

  ChargeDraft& draft_;
  CardContext& context_;
  std::vector<const MeterEntry*> meters_;  // in the order of `on`
  bool complete_ = true;                   // all of them are known
  PriceTable table_;
  const syntax::Row* last_ = nullptr;
  bool reported_ = false;
};

}  // namespace

void check_tier_choice(ChargeDraft& draft, CardContext& context) {
  if (!draft.syntax.also_on.empty()) return choose_jointly(draft, context);
  if (!draft.tiers) return;
  if (draft.tiers->across_rows) choose_across_rows(draft, context);
  if (draft.tiers->by) choose_by_meter(draft, context);
}

void check_joint_rows(ChargeDraft& draft, CardContext& context) {
  JointRows(draft, context).check();
}

}  // namespace toll::dsl::checker
