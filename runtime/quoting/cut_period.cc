#include "runtime/quoting/cut_period.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "runtime/quote.h"
#include "runtime/quoting/cut_bill.h"

namespace toll::runtime {
namespace {

using dsl::RateCard;

Refusal refusal(std::string pointer, std::string message) {
  return {Refusal::Kind::Unfit, {{std::move(pointer), std::move(message)}}};
}

bool is_rounded_alike(const RateCard& a, const RateCard& b) {
  return a.rounding == b.rounding && a.rounding_step_minor == b.rounding_step_minor &&
         a.rounding_place == b.rounding_place;
}

/// What one part has and the part before it has not: "version 2026-03-15 of `api`", or where the
/// version stays, "plan `pro` of `api`".
std::string news_of(const CutPart& old, const CutPart& next) {
  const Revision &before = *old.revision, &after = *next.revision;
  const bool same = before.version() == after.version() && before.card().name == after.card().name;
  return same ? fmt::format("plan `{}` of `{}`", after.card().plan, after.card().name)
              : fmt::format("version {} of `{}`", after.version(), after.card().name);
}

/// Why two offers cannot share a bill; empty where they can.
std::string obstacle(const RateCard& a, const RateCard& b) {
  if (a.currency.name() != b.currency.name()) return "bill in different currencies";
  if (a.period != b.period) return "have different billing periods";
  if (a.time_zone != b.time_zone) return "have different time zones";
  if (!is_rounded_alike(a, b)) return "round differently";
  if (a.rounding_place == dsl::RoundingPlace::Bill) return "round the bill as a whole";
  if (!a.pools.empty() || !b.pools.empty()) return "have pools";
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

/// Each entry must say by which offer it is priced.
std::vector<UsageFault> entries_over_cuts(const UsageDocument& document,
                                          const std::vector<CutPart>& parts) {
  std::vector<UsageFault> faults;
  for (size_t i = 0; i < document.usage.size(); ++i) {
    const UsageEntry& entry = document.usage[i];
    if (entry.given == UsageEntry::Given::Days) continue;
    const Date from = entry.from.value_or(document.period->from);
    const Date until = entry.until.value_or(document.period->until);
    const auto cut = std::ranges::find_if(parts, [&](const CutPart& part) {
      return from < part.days.from && part.days.from < until;
    });
    if (cut == parts.end()) continue;
    faults.push_back({fmt::format("/usage/{}", i),
                      fmt::format("{} begins on {}, so it matters when `{}` was used: split the "
                                  "entry there, with `from` and `until`",
                                  news_of(cut[-1], *cut), to_string(cut->days.from), entry.meter)});
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
    auto offer = choose(cards, asked_);
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
  std::vector<std::pair<Date, std::string>> changes_;  // by day
  size_t next_ = 0;                                    // the first that is still to come
  UsageDocument asked_;
};

}  // namespace

std::expected<std::vector<CutPart>, Refusal> cut_period(const CardSet& cards,
                                                        const UsageDocument& document) {
  AskedByDay asked(document);
  const bool plan_changes = !document.plan_changes.empty();
  if (plan_changes)
    if (auto faults = asked.faults(document); !faults.empty())
      return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(faults)});
  std::vector<CutPart> parts;
  if (!document.period || document.on || document.hash) return parts;
  const auto [from, until] = *document.period;
  if (from >= until || (until - from).count() > compiler::kPeriodDaysMax) return parts;
  for (Date day = from; day < until; day += std::chrono::days(1)) {
    auto offer = asked.offer(cards, day);
    if (!offer && plan_changes) return std::unexpected(std::move(offer.error()));
    if (!offer) return {};
    if (!parts.empty() && parts.back().revision == *offer)
      parts.back().days.until = day + std::chrono::days(1);
    else
      parts.push_back({.days = {day, day + std::chrono::days(1)},
                       .revision = *std::move(offer),
                       .upto = nullptr,
                       .before = nullptr});
  }
  if (parts.size() < 2) parts.clear();
  return parts;
}

std::string name_of(const CutPart& part) {
  const RateCard& card = part.revision->card();
  return fmt::format("version {}{}", part.revision->version(),
                     card.plan.empty() ? "" : fmt::format(", plan `{}`", card.plan));
}

std::expected<void, Refusal> bind_parts(const CardSet& cards, const UsageDocument& document,
                                        std::vector<CutPart>& parts) {
  if (auto fine = check_fit(parts); !fine) return fine;
  if (auto faults = entries_over_cuts(document, parts); !faults.empty())
    return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(faults)});
  for (CutPart& part : parts) {
    const auto bind_until = [&](Date until) {
      return bind_to(
          cards, document, part.revision,
          {.used_until = until, .version_from = part.days.from, .last = &part == &parts.back()});
    };
    auto upto = bind_until(part.days.until);
    if (!upto) return std::unexpected(std::move(upto.error()));
    part.upto = *std::move(upto);
    if (&part == &parts.front()) continue;
    auto before = bind_until(part.days.from);
    if (!before) return std::unexpected(std::move(before.error()));
    part.before = *std::move(before);
  }
  return {};
}

std::expected<Answer, Refusal> quote_parts(const std::vector<CutPart>& parts, bool final,
                                           bool explained) {
  auto bill = CutBill::of(parts, final);
  if (!bill) return std::unexpected(std::move(bill.error()));
  auto answer = bill->answer(explained);
  if (!answer || final) return answer;
  auto closed = CutBill::of(parts, true);
  if (!closed) return std::unexpected(std::move(closed.error()));
  auto due = bill->due_until(*closed);
  if (!due) return std::unexpected(std::move(due.error()));
  answer->due_at_close = *std::move(due);
  return answer;
}

std::expected<Int128, Refusal> total_of_parts(const std::vector<CutPart>& parts, bool final) {
  const auto bill = CutBill::of(parts, final);
  if (!bill) return std::unexpected(bill.error());
  return bill->total();
}

}  // namespace toll::runtime
