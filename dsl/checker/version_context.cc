#include "dsl/checker/version_context.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "dsl/checker/card.h"
#include "dsl/checker/pools.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

std::string quoted_names(const std::vector<const syntax::Plan*>& plans) {
  std::vector<std::string> names;
  for (const syntax::Plan* plan : plans) names.push_back(quoted(plan->name.text));
  return listed(names, "or");
}

/// The lines of an item, which is what it costs to check.
uint64_t lines_of(const syntax::Item& item) {
  const auto* charge = std::get_if<syntax::Charge>(&item);
  const auto* commit = std::get_if<syntax::Commit>(&item);
  const auto* pool = std::get_if<syntax::Pool>(&item);
  return 1 + (charge ? charge->lines.size() : 0) +
         (pool ? pool->grants.size() + pool->sales.size() + pool->of.size() : 0) +
         (commit ? commit->counts.size() + commit->true_ups.size() : 0);
}

/// The meters that the price of a charge depends on.
void add_meters(const syntax::Charge& charge, std::set<std::string>& meters) {
  meters.insert((charge.on ? *charge.on : charge.name).text);
  for (const syntax::Word& meter : charge.also_on) meters.insert(meter.text);
  for (const auto& line : charge.lines) {
    const auto* tiers = std::get_if<syntax::Tiers>(&line);
    if (tiers && tiers->by) meters.insert(tiers->by->text);
  }
}

}  // namespace

VersionContext::VersionContext(const CardSource& source, Scope& scope, const Texts& texts,
                               Report& report, Budget& budget)
    : source_(source), syntax_(*source.text.tree), file_(source.text.file), report_(report) {
  report_.mute(source.held);
  find_plans();
  const bool too_many = (plans_.size() + 1) * currency_count() > kOffersMax;
  if (too_many && !plans_.empty()) plans_.resize(1);
  if (plans_.empty() || has_bill_in_common(scope)) add_offers(nullptr, scope, texts, budget);
  for (const syntax::Plan* plan : plans_) add_offers(plan, scope, texts, budget);
  if (too_many) report_too_many();
  for (size_t i = 0; i < offers_.size(); ++i) {
    check_card(*offers_[i]);
    offers_[i]->card.offer = static_cast<uint32_t>(i);
    set_version(offers_[i]->card, texts);
    if (source.held && source.from) set_days(*offers_[i]);
  }
  report_unpriced();
  warn_about_missing_limits();
  report_.mute(false);
  if (failed() || source.held) fail();
}

void VersionContext::set_version(RateCard& card, const Texts& texts) const {
  for (const syntax::Plan* plan : plans_) card.plans.push_back(plan->name.text);
  card.applies = source_.applies;
  card.stated_until = card.until;
  card.customer = source_.customer;
  card.deal_on = source_.deal_on;
  card.stands_on = source_.stands_on;
  if (texts.head(file_)) card.text = std::make_shared<const std::string>(texts.file(file_).text);
}

/// Of a text that could not be worked into what it extends: it says the first day of all versions.
void VersionContext::set_days(CardContext& offer) const {
  offer.from_known = true;
  offer.card.from = *source_.from;
  offer.card.until = offer.card.stated_until = source_.until;
}

bool VersionContext::failed() const {
  return std::ranges::any_of(offers_, [](const auto& offer) { return offer->failed; });
}

void VersionContext::find_plans() {
  std::map<std::string, Span> known;
  for (const syntax::Item& item : syntax_.items) {
    if (const auto* charge = std::get_if<syntax::Charge>(&item)) {
      add_meters(*charge, charged_);
    }
    const auto* plan = std::get_if<syntax::Plan>(&item);
    if (!plan) continue;
    plans_.push_back(plan);
    const auto [first, fresh] = known.emplace(plan->name.text, plan->name.span);
    if (fresh || plan->name.text.empty()) continue;
    report_
        .add("E120", fmt::format("two plans are called {}", quoted(plan->name.text)),
             {file_, plan->name.span})
        .see({file_, first->second}, "the first one")
        .help("give one of them another name");
  }
}

/// Whether a charge that is common to all plans is priced in credits that only plans have pools of:
/// without a plan nothing would pay for it.
bool VersionContext::needs_pool_of_plan(Scope& scope) const {
  const auto unit_of = [&](const syntax::Word& word) -> std::string {
    const bool credit = !find_currency(word.text) && scope.is_unit(word.text);
    const Unit* unit = credit ? scope.unit(word, file_) : nullptr;
    return unit ? unit->singular : std::string();
  };
  std::set<std::string> held;
  std::vector<const syntax::Charge*> common;
  bool in_plan = false;
  for (const syntax::Item& item : syntax_.items) {
    in_plan = in_plan || std::holds_alternative<syntax::Plan>(item);
    const auto* charge = std::get_if<syntax::Charge>(&item);
    if (charge && !in_plan) common.push_back(charge);
    const auto* pool = std::get_if<syntax::Pool>(&item);
    if (!pool) continue;
    const std::string unit = unit_of(pool->in.front());
    if (!in_plan && !unit.empty()) return false;
    if (!unit.empty()) held.insert(unit);
  }
  return std::ranges::any_of(common, [&](const syntax::Charge* charge) {
    const syntax::Word* unit = priced_in(*charge);
    return unit && held.contains(unit_of(*unit));
  });
}

/// Without a plan a customer has what is common to all: where that is a bill, it is an offer too.
bool VersionContext::has_bill_in_common(Scope& scope) const {
  if (needs_pool_of_plan(scope)) return false;
  for (const syntax::Item& item : syntax_.items) {
    if (std::holds_alternative<syntax::Plan>(item)) return false;
    if (std::holds_alternative<syntax::Fee>(item) || std::holds_alternative<syntax::Charge>(item) ||
        std::holds_alternative<syntax::BillLine>(item) ||
        std::holds_alternative<syntax::Commit>(item)) {
      return true;
    }
  }
  return false;
}

size_t VersionContext::currency_count() const {
  for (const auto& header : syntax_.headers) {
    const auto* line = std::get_if<syntax::Currencies>(&header);
    if (line) return line->names.size();
  }
  return 1;
}

/// The lines of an offer.
uint64_t VersionContext::lines_of(const syntax::Plan* plan) const {
  uint64_t lines = 0;
  const syntax::Plan* open = nullptr;
  for (const syntax::Item& item : syntax_.items) {
    if (const auto* opened = std::get_if<syntax::Plan>(&item)) open = opened;
    if (!open || open == plan) lines += checker::lines_of(item);
  }
  return lines;
}

void VersionContext::add_offers(const syntax::Plan* plan, Scope& scope, const Texts& texts,
                                Budget& budget) {
  const size_t currencies = currency_count();
  const uint64_t lines = lines_of(plan);
  for (size_t currency = 0; currency < currencies; ++currency) {
    if (!offers_.empty() && (offers_.size() >= kOffersMax || !budget.take_lines(lines)))
      return report_too_many();
    offers_.push_back(std::make_unique<CardContext>(
        syntax_,
        Offer{.plan = plan,
              .beside_plans = !plan && !plans_.empty(),
              .currency = currency,
              .charged_in_plans = plans_.empty() ? nullptr : &charged_},
        file_, scope, texts, report_, budget));
  }
}

void VersionContext::report_too_many() {
  report_
      .add("E214", "this card has too many plans and currencies for its length",
           {file_, syntax_.span})
      .help("write a card of its own for some of them");
  fail();
}

/// E106, once for each currency, whatever plans the lines belong to.
void VersionContext::report_unpriced() {
  std::map<std::string, std::map<std::pair<uint32_t, uint32_t>, Place>> places;  // in text order
  for (const auto& offer : offers_) {
    for (const Place& place : offer->read.unpriced) {
      const std::string currency(offer->card.currency.name());
      places[currency].emplace(std::pair(place.file, place.span.begin), place);
    }
  }
  for (const auto& [currency, lines] : places) {
    constexpr size_t kNamed = 10;
    std::vector<std::string> others;
    for (auto line = std::next(lines.begin()); line != lines.end(); ++line) {
      const bool last = others.size() == kNamed;
      others.push_back(last ? "more" : std::to_string(first().read.source(line->second.span).line));
      if (last) break;
    }
    report_
        .add("E106",
             lines.size() == 1
                 ? fmt::format("this line has no {} price", currency)
                 : fmt::format("{} have no {} price", counted(lines.size(), "line"), currency),
             lines.begin()->second,
             others.empty()
                 ? std::string()
                 : fmt::format("also line{} {}", others.size() > 1 ? "s" : "", listed(others)))
        .see(first().currency.place, fmt::format("every price is in {} too", currency))
        .why("Toll never converts currencies")
        .help(fmt::format("write it behind the other one: `... or ... {}`", currency));
  }
}

/// W319: of three plans or more, one says nothing about a meter that all others limit.
void VersionContext::warn_about_missing_limits() {
  if (plans_.size() < 3) return;
  std::map<std::string, std::set<const syntax::Plan*>> plans_of;
  std::map<std::string, Span> places;
  const syntax::Plan* open = nullptr;
  for (const syntax::Item& item : syntax_.items) {
    if (const auto* opened = std::get_if<syntax::Plan>(&item)) open = opened;
    const auto* limit = std::get_if<syntax::Limit>(&item);
    if (!limit) continue;
    places.emplace(limit->subject.text, limit->span);
    if (open) {
      plans_of[limit->subject.text].insert(open);
    } else {
      plans_of[limit->subject.text].insert(plans_.begin(), plans_.end());
    }
  }
  for (const auto& [subject, plans] : plans_of) {
    if (plans.size() + 1 != plans_.size()) continue;
    const auto* without =
        *std::ranges::find_if(plans_, [&](const auto* plan) { return !plans.contains(plan); });
    if (without->name.text.empty()) continue;
    report_
        .add("W319",
             fmt::format("the plan {} has no limit on {}, but every other plan has one",
                         quoted(without->name.text), quoted(subject)),
             {file_, without->name.span})
        .see({file_, places.at(subject)}, "as here")
        .help(fmt::format("if that is meant, say so: `limit {} unlimited`", subject));
  }
}

CardContext* VersionContext::offer_of(const syntax::Example& example, const syntax::OnPlan* plan,
                                      Reader& read) const {
  const auto is_of_plan = [&](const auto& offer) {
    return plan ? offer->card.plan == plan->plan.text : !offer->offer.plan;
  };
  const auto of_plan = std::ranges::find_if(offers_, is_of_plan);
  if (of_plan == offers_.end()) {
    const bool no_plans = plans_.empty();
    auto finding =
        plan ? report_.add("E327",
                           no_plans
                               ? fmt::format("the card {} has no plans", quoted(syntax_.name.text))
                               : fmt::format("there is no plan {}", quoted(plan->plan.text)),
                           read.at(plan->plan.span))
             : report_.add("E327", "of which plan is this?", read.at(example.title.span),
                           "outside of its plans the card has nothing to bill");
    finding.see({file_, syntax_.name.span});
    finding.help(no_plans ? "leave the line out"
                          : fmt::format("write `on plan` and one of {}", quoted_names(plans_)));
    return nullptr;
  }
  const auto in_its_currency = std::ranges::find_if(offers_, [&](const auto& offer) {
    return is_of_plan(offer) && !example.expects.empty() &&
           offer->card.currency.name() == example.expects.front().amount.unit.text;
  });
  return in_its_currency == offers_.end() ? of_plan->get() : in_its_currency->get();
}

}  // namespace toll::dsl::checker
