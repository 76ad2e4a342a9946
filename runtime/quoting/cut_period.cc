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

/// The offer that the document asks for on a day; null where there is none. `asked` is the document
/// without usage and period.
std::shared_ptr<const Revision> offer_on(const CardSet& cards, UsageDocument& asked, Date day) {
  asked.on = day;
  auto offer = choose(cards, asked);
  return offer ? *offer : nullptr;
}

bool is_rounded_alike(const RateCard& a, const RateCard& b) {
  return a.rounding == b.rounding && a.rounding_step_minor == b.rounding_step_minor &&
         a.rounding_place == b.rounding_place;
}

/// Why two versions cannot share a bill; empty where they can.
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
        "/period", fmt::format("versions {} and {} of `{}` meet inside the period, on {}, and "
                               "cannot share a bill, since they {}: quote the days up to there and "
                               "those from there by themselves",
                               parts[i - 1].revision->version(), parts[i].revision->version(),
                               next.name, to_string(parts[i].days.from), why)));
  }
  return {};
}

/// Each entry must say by which version it is priced.
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
                      fmt::format("version {} of `{}` begins on {}, so it matters when `{}` was "
                                  "used: split the entry there, with `from` and `until`",
                                  cut->revision->version(), cut->revision->card().name,
                                  to_string(cut->days.from), entry.meter)});
  }
  return faults;
}

}  // namespace

std::vector<CutPart> cut_by_versions(const CardSet& cards, const UsageDocument& document) {
  std::vector<CutPart> parts;
  if (!document.period || document.on || document.hash) return parts;
  const auto [from, until] = *document.period;
  if (from >= until || (until - from).count() > compiler::kPeriodDaysMax) return parts;
  UsageDocument asked;
  asked.card = document.card;
  asked.plan = document.plan;
  asked.currency = document.currency;
  asked.customer = document.customer;
  asked.customer_since = document.customer_since;
  for (Date day = from; day < until; day += std::chrono::days(1)) {
    auto offer = offer_on(cards, asked, day);
    if (!offer) return {};
    if (!parts.empty() && parts.back().revision == offer)
      parts.back().days.until = day + std::chrono::days(1);
    else
      parts.push_back({.days = {day, day + std::chrono::days(1)},
                       .revision = std::move(offer),
                       .upto = nullptr,
                       .before = nullptr});
  }
  if (parts.size() < 2) parts.clear();
  return parts;
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
