#include "dsl/checker/card.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/date.h"
#include "dsl/checker/charge.h"
#include "dsl/checker/entitlements.h"
#include "dsl/checker/guarantees.h"
#include "dsl/checker/header.h"
#include "dsl/checker/money_lines.h"
#include "dsl/checker/pools.h"
#include "dsl/checker/tiers.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

class Items {
 public:
  explicit Items(CardContext& context) : context_(context), card_(context.card) {}

  /// Fees, charges and limits stand alone; what is about them is checked after all of them.
  void check() {
    find_credits(context_);
    context_.for_each_item([this](const syntax::Item& item) {
      std::visit([this](const auto& each) { take(each); }, item);
    });
    check_pools(pools_, context_);
    check_bill_items(bill_items_, context_);
    close_bounded_tables(context_);
    check_limits_together(context_);
    check_alerts(alerts_, context_);
    for (const auto* guarantee : guarantees_) check_guarantee(*guarantee, context_);
  }

 private:
  void take(const syntax::Fee& fee);
  void take(const syntax::Charge& charge);
  void take(const syntax::BillLine& line) { bill_items_.push_back(&line); }
  void take(const syntax::Commit& commit) {
    name_is_free(commit.name, "commitment");
    bill_items_.push_back(&commit);
  }
  void take(const syntax::Pool& pool) {
    name_is_free(pool.name, "pool");
    pools_.push_back(&pool);
  }
  void take(const syntax::Plan&) {}
  void take(const syntax::Change&) {}  // worked in before, or reported
  void take(const syntax::Remove&) {}
  void take(const syntax::Feature& feature) { check_feature(feature, context_); }
  void take(const syntax::Limit& limit) { check_limit(limit, context_); }
  void take(const syntax::Alert& alert) { alerts_.push_back(&alert); }
  void take(const syntax::Guarantee& guarantee) { guarantees_.push_back(&guarantee); }
  void take(const syntax::Example&) {}  // once the versions are known

  bool name_is_free(const syntax::Word& name, std::string_view what);
  void take_term(const syntax::Fee& fee, Fee& result);
  void check_proration(const syntax::Fee& fee, const Fee& result);

  CardContext& context_;
  RateCard& card_;
  std::unordered_map<std::string, Place> names_;
  uint64_t charge_count_ = 0, fee_count_ = 0;
  std::vector<const syntax::Pool*> pools_;
  std::vector<BillItem> bill_items_;
  std::vector<const syntax::Alert*> alerts_;
  std::vector<const syntax::Guarantee*> guarantees_;
};

/// Fees and charges are lines of the invoice, so no two have the same name.
bool Items::name_is_free(const syntax::Word& name, std::string_view what) {
  const Place place = context_.read.at(name.span);
  if (name.text == "bill" || name.text == "total") {
    context_.report
        .add("E121", fmt::format("a {} cannot be called {}", what, quoted(name.text)), place,
             name.text == "bill" ? "that is the name of the lines of the whole bill"
                                 : "that is the name of the sum of the invoice")
        .help("choose another name");
    return false;
  }
  auto [known, fresh] = names_.emplace(name.text, place);
  if (fresh) return true;
  context_.report
      .add("E120", fmt::format("two lines of the invoice would be called {}", quoted(name.text)),
           place)
      .see(known->second, "the first one")
      .help(fmt::format("choose another name{}",
                        what == "charge" ? ", and say with `on` which meter is charged" : ""));
  return false;
}

/// "`per quarter`, `per year` or `once`": what a fee may be for beside the card's period.
std::string longer_times(PeriodUnit period) {
  std::string text;
  for (const PeriodUnit unit :
       {PeriodUnit::Week, PeriodUnit::Month, PeriodUnit::Quarter, PeriodUnit::Year})
    if (unit > period) text += fmt::format("{}`per {}`", text.empty() ? "" : ", ", to_string(unit));
  return text + (text.empty() ? "`once`" : " or `once`");
}

void Items::take_term(const syntax::Fee& fee, Fee& result) {
  result.once = fee.once;
  if (fee.once || !context_.period_known) return;
  const auto unit = parse_period_unit(fee.per.text);
  const auto period = to_string(card_.period);
  if (unit && *unit > card_.period) result.term = *unit;
  if (unit && *unit >= card_.period) return;
  context_.report
      .add("E117",
           unit ? fmt::format("this fee is per {}, but the card bills per {}", fee.per.text, period)
                : fmt::format("{} is no time that a fee can be for", quoted(fee.per.text)),
           context_.read.at(fee.per.span))
      .help(fmt::format("write what is due each {}: `per {}`; a fee may also be {}", period, period,
                        longer_times(card_.period)));
}

void Items::check_proration(const syntax::Fee& fee, const Fee& result) {
  if (fee.proration == syntax::Fee::Proration::ByDay && result.has_term()) {
    const auto period = to_string(card_.period);
    context_.report
        .add("E133",
             fee.once ? std::string("a fee that is due once is not prorated")
                      : fmt::format("a fee that is due once {} is not prorated",
                                    with_article(fee.per.text)),
             context_.read.at(fee.per.span))
        .why("it is due whole, in the period in which its term begins")
        .help(fee.once ? std::string("leave `prorated by day` out")
                       : fmt::format("write `not prorated`, or what is due each {}: `per {}`",
                                     period, period));
  }
  if (fee.proration != syntax::Fee::Proration::Unsaid || fee.once) return;
  context_.report
      .add("E118", "this fee does not say what is due for a part of the period",
           context_.read.at({fee.span.begin, fee.per.span.end}))
      .help(result.term ? "add `, not prorated` to the line: it is due whole when its term begins"
                        : "add `, prorated by day` or `, not prorated` to the line");
}

void Items::take(const syntax::Fee& fee) {
  if (++fee_count_ > kFeesMax) {
    if (fee_count_ == kFeesMax + 1) {
      context_.report.add("E214", fmt::format("a card has at most {}", counted(kFeesMax, "fee")),
                          context_.read.at(fee.span));
    }
    return;
  }
  name_is_free(fee.name, "fee");
  Fee result{.name = fee.name.text,
             .label = fee.label ? fee.label->text : fee.name.text,
             .prorated_by_day = fee.proration == syntax::Fee::Proration::ByDay,
             .in_advance = fee.timing == syntax::Fee::Timing::InAdvance,
             .source = context_.read.source(fee.span)};
  take_term(fee, result);
  check_proration(fee, result);
  if (auto amount = context_.read.amount(fee.price, context_.currency)) {
    result.amount_minor = *amount;
  }
  card_.items.push_back({ItemRef::Kind::Fee, static_cast<uint32_t>(card_.fees.size())});
  context_.item_by_name.emplace(result.name, card_.items.back());
  card_.fees.push_back(std::move(result));
}

void Items::take(const syntax::Charge& charge) {
  if (++charge_count_ > kChargesMax) {
    if (charge_count_ == kChargesMax + 1) {
      context_.report.add("E214",
                          fmt::format("a card has at most {}", counted(kChargesMax, "charge")),
                          context_.read.at(charge.span));
    }
    return;
  }
  name_is_free(charge.name, "charge");
  check_charge(charge, context_);
}

bool is_damaged(const syntax::Card& card) {
  return card.damaged || std::ranges::any_of(card.items, [](const syntax::Item& item) {
           const auto* charge = std::get_if<syntax::Charge>(&item);
           const auto* commit = std::get_if<syntax::Commit>(&item);
           const auto* pool = std::get_if<syntax::Pool>(&item);
           return (charge && charge->damaged) || (commit && commit->damaged) ||
                  (pool && pool->damaged);
         });
}

}  // namespace

void check_card(CardContext& context) {
  const auto errors = context.report.errors();
  context.incomplete = is_damaged(context.syntax);
  context.limits_incomplete = context.syntax.damaged;
  context.card.name = context.syntax.name.text;
  context.card.label = context.syntax.label ? context.syntax.label->text : context.syntax.name.text;
  if (const syntax::Plan* plan = context.offer.plan) {
    context.card.plan = plan->name.text;
    context.card.plan_label = plan->label ? plan->label->text : plan->name.text;
  }
  context.card.source = context.read.source(context.syntax.span);
  check_header(context);
  Items(context).check();
  if (is_damaged(context.syntax) || context.report.errors() != errors) context.failed = true;
}

}  // namespace toll::dsl::checker
