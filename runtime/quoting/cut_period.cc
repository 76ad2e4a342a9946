#include "runtime/quoting/cut_period.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "runtime/quote.h"
#include "runtime/quoting/carried_state.h"
#include "runtime/quoting/cut_bill.h"
#include "runtime/quoting/cut_charges.h"
#include "runtime/quoting/grants.h"
#include "runtime/quoting/priced_days.h"

namespace toll::runtime {
namespace {

using dsl::RateCard;

Refusal refusal(std::string pointer, std::string message) {
  return {Refusal::Kind::Unfit, {{std::move(pointer), std::move(message)}}};
}

/// What one part has and the part before it has not: "version 2026-03-15 of `api`", or where the
/// version stays, "plan `pro` of `api`".
std::string news_of(const CutPart& old, const CutPart& next) {
  const Revision &before = *old.revision, &after = *next.revision;
  const bool same = before.version() == after.version() && before.card().name == after.card().name;
  return same ? fmt::format("plan `{}` of `{}`", after.card().plan, after.card().name)
              : fmt::format("version {} of `{}`", after.version(), after.card().name);
}

/// What the amounts of a charge or a pool are in; empty where the card has none of that name.
template <typename Items>
std::optional<std::string> unit_of(const RateCard& card, const Items& items,
                                   const std::string& name) {
  const auto found =
      std::ranges::find_if(items, [&](const auto& each) { return each.name == name; });
  if (found == items.end()) return std::nullopt;
  return found->credit ? card.credits[*found->credit].name : std::string(card.currency.name());
}

/// The first item that is in one unit here and in another one there.
template <typename Items>
const std::string* in_other_unit(const RateCard& a, const RateCard& b, Items RateCard::* of) {
  for (const auto& item : a.*of) {
    const auto there = unit_of(b, b.*of, item.name);
    if (there && there != unit_of(a, a.*of, item.name)) return &item.name;
  }
  return nullptr;
}

/// Why two offers cannot share a bill; empty where they can.
std::string obstacle(const RateCard& a, const RateCard& b) {
  if (a.currency.name() != b.currency.name()) return "bill in different currencies";
  if (a.period != b.period) return "have different billing periods";
  if (a.time_zone != b.time_zone) return "have different time zones";
  if (const auto* charge = in_other_unit(a, b, &RateCard::charges))
    return fmt::format("price `{}` in different units", *charge);
  if (const auto* pool = in_other_unit(a, b, &RateCard::pools))
    return fmt::format("hold something else in `{}`", *pool);
  return {};
}

std::expected<void, Refusal> check_fit(const std::vector<CutPart>& parts) {
  for (size_t i = 1; i < parts.size(); ++i) {
    const RateCard &old = parts[i - 1].revision->card(), &next = parts[i].revision->card();
    const std::string why = obstacle(old, next);
    if (why.empty()) continue;
    return std::unexpected(refusal(
        "/period",
        fmt::format("{} begins inside the period, on {}, and cannot share a bill with what was "
                    "before it, since the two {}: quote the days up to there and those from there "
                    "by themselves",
                    news_of(parts[i - 1], parts[i]), to_string(parts[i].days.from), why)));
  }
  return {};
}

/// Each entry must say by which offer it is priced, and what is priced in credits, by which grants.
std::vector<UsageFault> entries_over_cuts(const UsageDocument& document, const CutPeriod& period) {
  const std::vector<CutPart>& parts = period.parts;
  const std::vector<Date> days = days_of_grants(parts, period.grants);
  std::vector<UsageFault> faults;
  for (size_t i = 0; i < document.usage.size(); ++i) {
    const UsageEntry& entry = document.usage[i];
    if (entry.given == UsageEntry::Given::Days) continue;
    const Date from = entry.from.value_or(document.period->from);
    const Date until = entry.until.value_or(document.period->until);
    const auto fault = [&](const std::string& what, Date day) {
      faults.push_back({fmt::format("/usage/{}", i),
                        fmt::format("{} {}, so it matters when `{}` was used: split the entry "
                                    "there, with `from` and `until`",
                                    what, to_string(day), entry.meter)});
    };
    const auto cut = std::ranges::find_if(parts, [&](const CutPart& part) {
      return from < part.days.from && part.days.from < until;
    });
    if (cut != parts.end()) {
      fault(news_of(cut[-1], *cut) + " begins on", cut->days.from);
      continue;
    }
    const auto grant =
        std::ranges::find_if(days, [&](Date day) { return from < day && day < until; });
    const auto part =
        std::ranges::find_if(parts, [&](const CutPart& each) { return each.days.contains(from); });
    if (grant == days.end() || part == parts.end()) continue;
    const uint32_t meter = part->revision->meter(entry.meter);
    if (meter != Revision::kNone && is_priced_in_credits(part->revision->card(), meter))
      fault("a grant of credits begins or ends on", *grant);
  }
  return faults;
}

std::string pointer_to_change(Date day) { return "/plan_changes/" + to_string(day); }

/// What is asked for on one day after another: the document without usage and period, in the plan
/// of the day.
class AskedByDay {
 public:
  explicit AskedByDay(const UsageDocument& document) : changes_(document.plan_changes) {
    std::ranges::sort(changes_);
    asked_.card = document.card;
    asked_.plan = document.plan;
    asked_.currency = document.currency;
    asked_.customer = document.customer;
    asked_.customer_since = document.customer_since;
  }

  /// REQUIRES: `day` is not before that of the last call.
  std::expected<std::shared_ptr<const Revision>, Refusal> offer(const CardSet& cards, Date day) {
    for (; next_ < changes_.size() && changes_[next_].first <= day; ++next_)
      asked_.plan = changes_[next_].second;
    asked_.on = day;
    auto offer = choose_in_one_currency(cards);
    if (!offer && next_ > 0)
      for (UsageFault& fault : offer.error().faults)
        if (fault.pointer == "/plan") fault.pointer = pointer_to_change(changes_[next_ - 1].first);
    return offer;
  }

  /// Why the changes cannot be of the document's period.
  std::vector<UsageFault> faults(const UsageDocument& document) const {
    std::vector<UsageFault> faults;
    const auto fault = [&](std::string pointer, std::string message) {
      faults.push_back({std::move(pointer), std::move(message)});
    };
    if (!document.period)
      fault("/plan_changes",
            "the plan changes inside the period: say which days it has, by `period`");
    if (!document.plan)
      fault("/plan", "the plan changes inside the period: name the one with which it begins");
    if (document.on || document.hash)
      fault(
          document.on ? "/on" : "/hash",
          "one revision is asked for, and over a change of plan each day has the one that is then "
          "in force: leave it out");
    const std::string* before = document.plan ? &*document.plan : nullptr;
    for (const auto& [day, plan] : changes_) {
      if (document.period && (day <= document.period->from || day >= document.period->until))
        fault(pointer_to_change(day),
              fmt::format("a change of plan lies inside the period, after {} and before {}",
                          to_string(document.period->from), to_string(document.period->until)));
      if (before && *before == plan)
        fault(pointer_to_change(day), fmt::format("the plan is `{}` before that day, too", plan));
      before = &plan;
    }
    return faults;
  }

 private:
  /// A period has one currency: where the document names none, that with which it begins, if what
  /// follows bills in it too.
  std::expected<std::shared_ptr<const Revision>, Refusal> choose_in_one_currency(
      const CardSet& cards) {
    auto offer = choose(cards, asked_);
    if (!offer || asked_.currency) return offer;
    if (!currency_) currency_ = (*offer)->card().currency.name();
    if ((*offer)->card().currency.name() == *currency_) return offer;
    UsageDocument same = asked_;
    same.currency = currency_;
    auto in_it = choose(cards, same);
    return in_it ? std::move(in_it) : std::move(offer);
  }

  std::vector<std::pair<Date, std::string>> changes_;  // by day
  size_t next_ = 0;                                    // the first that is still to come
  UsageDocument asked_;
  std::optional<std::string> currency_;  // of the first day
};

/// Sets what was used of these charges to what another binding has of them.
void take_charges(const BoundUsage& counted, const std::vector<uint32_t>& charges,
                  BoundUsage& bound) {
  const compiler::RateInput days = *bound.input;
  for (const uint32_t charge : charges) bound.usage.take_charge(charge, counted.usage);
  bound.input = bound.usage.bind();  // less than before, which was bound
  bound.input->covered_days = days.covered_days;
  bound.input->period_days = days.period_days;
  bound.input->final = days.final;
}

std::vector<const Revision*> offers_of(const std::vector<CutPart>& parts) {
  std::vector<const Revision*> offers;
  for (const CutPart& part : parts) offers.push_back(part.revision.get());
  return offers;
}

}  // namespace

std::expected<CutPeriod, Refusal> cut_period(const CardSet& cards, const UsageDocument& document) {
  AskedByDay asked(document);
  const bool plan_changes = !document.plan_changes.empty();
  if (plan_changes)
    if (auto faults = asked.faults(document); !faults.empty())
      return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(faults)});
  CutPeriod period;
  std::vector<CutPart>& parts = period.parts;
  if (!document.period || document.on || document.hash) return period;
  const auto [from, until] = *document.period;
  if (from >= until || (until - from).count() > compiler::kPeriodDaysMax) return period;
  for (Date day = from; day < until; day += std::chrono::days(1)) {
    auto offer = asked.offer(cards, day);
    if (!offer && plan_changes) return std::unexpected(std::move(offer.error()));
    if (!offer) return CutPeriod{};
    if (!parts.empty() && parts.back().revision == *offer)
      parts.back().days.until = day + std::chrono::days(1);
    else
      parts.push_back({.days = {day, day + std::chrono::days(1)},
                       .revision = *std::move(offer),
                       .upto = nullptr,
                       .before = nullptr});
  }
  if (parts.size() < 2) parts.clear();
  return period;
}

std::string name_of(const CutPart& part) {
  const RateCard& card = part.revision->card();
  return fmt::format("version {}{}", part.revision->version(),
                     card.plan.empty() ? "" : fmt::format(", plan `{}`", card.plan));
}

std::expected<void, Refusal> bind_parts(const CardSet& cards, const UsageDocument& document,
                                        CutPeriod& period) {
  std::vector<CutPart>& parts = period.parts;
  if (auto fine = check_fit(parts); !fine) return fine;
  auto grants = gather_grants(cards, document, parts, period.waiting);
  if (!grants) return std::unexpected(std::move(grants.error()));
  period.grants = *std::move(grants);
  if (auto faults = entries_over_cuts(document, period); !faults.empty())
    return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(faults)});
  if (auto faults = unfit_state(cards, document, offers_of(parts), document.period->from);
      !faults.empty())
    return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(faults)});
  period.plans = plans_of(cards, parts.back().revision);
  period.waiting_state = waiting_state(cards, document, offers_of(parts), *document.period);
  const std::vector<Date> days = days_of_grants(parts, period.grants);
  const PricedDays priced(parts);
  for (CutPart& part : parts) {
    std::expected<void, Refusal> fine;
    const std::vector<ChargesOfDays> gaps =
        charges_with_gaps(parts, static_cast<size_t>(&part - parts.data()));
    const std::vector<AllowancesOfDays> allowances =
        allowances_with_gaps(parts, static_cast<size_t>(&part - parts.data()));
    const auto bind_until = [&](Date until) -> std::unique_ptr<BoundUsage> {
      CutPlace place{.used_until = until, .version_from = part.days.from, .priced = priced};
      auto bound = bind_to(cards, document, part.revision, place);
      for (const ChargesOfDays& gap : gaps) {
        place.days = &gap.days;
        const auto counted = bind_to(cards, document, part.revision, place);
        if (!counted) bound = std::unexpected(counted.error());
        if (bound) take_charges(**counted, gap.charges, **bound);
      }
      for (const AllowancesOfDays& allowance : allowances) {
        place.days = &allowance.days;
        const auto counted = bind_to(cards, document, part.revision, place);
        if (!counted) bound = std::unexpected(counted.error());
        for (const uint32_t meter : allowance.meters)
          if (bound) (*bound)->used_of_allowance[meter] = (*counted)->used[meter];
      }
      if (bound) return *std::move(bound);
      if (fine) fine = std::unexpected(std::move(bound.error()));
      return nullptr;
    };
    part.upto = bind_until(part.days.until);
    if (&part != &parts.front()) part.before = bind_until(part.days.from);
    for (const Date day : days)
      if (part.days.from < day && day < part.days.until)
        part.segments.push_back({day, bind_until(day)});
    if (!fine) return fine;
  }
  parts.back().upto->plans = period.plans;
  parts.back().upto->grants = bound_to_card(parts.back().revision->card(), period.grants);
  return {};
}

std::expected<Answer, Refusal> quote_parts(const CutPeriod& period, bool final, bool explained) {
  auto bill = CutBill::of(period, final);
  if (!bill) return std::unexpected(std::move(bill.error()));
  auto answer = bill->answer(explained);
  if (!answer || final) return answer;
  auto closed = CutBill::of(period, true);
  if (!closed) return std::unexpected(std::move(closed.error()));
  auto due = bill->due_until(*closed);
  if (!due) return std::unexpected(std::move(due.error()));
  answer->due_at_close = *std::move(due);
  return answer;
}

std::expected<PartsBill, Refusal> bill_of_parts(const CutPeriod& period, bool final) {
  const auto bill = CutBill::of(period, final);
  if (!bill) return std::unexpected(bill.error());
  return PartsBill{bill->lines(), bill->total(), bill->left()};
}

std::expected<Int128, Refusal> total_of_parts(const CutPeriod& period, bool final) {
  const auto bill = CutBill::of(period, final);
  if (!bill) return std::unexpected(bill.error());
  return bill->total();
}

}  // namespace toll::runtime
