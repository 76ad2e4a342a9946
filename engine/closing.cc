#include "engine/closing.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/billing/bills.h"
#include "engine/reading/no_bill.h"
#include "wire/json_writer.h"
#include "wire/usage_json.h"

namespace toll::engine {
namespace {

using Kind = NoBill::Kind;

/// Of those who close the same periods at once one goes first; the others look again.
constexpr int kClosingsMax = 10;

/// Bytes of the usage that is kept with a closed period. All closed periods of a subscription are
/// read for each of its bills, so that they may not grow without bound.
constexpr size_t kKeptUsageMax = size_t{64} << 10;

/// The usage as it is kept with a closed period; nothing of one that is too large.
std::string usage_to_keep(const runtime::UsageDocument& usage) {
  std::string text = wire::to_json(usage);
  return text.size() <= kKeptUsageMax ? text : std::string();
}

std::vector<std::string> hashes_of(const runtime::Answer& answer) {
  std::vector<std::string> hashes;
  for (const runtime::AnswerPart& part : answer.parts) hashes.push_back(part.hash);
  if (hashes.empty()) hashes.push_back(answer.hash);
  return hashes;
}

/// Whether a subscription is billed for some of these days.
bool bills_some(const Subscription& subscription, const Period& days) {
  return subscription.start < days.until && (!subscription.end || days.from < *subscription.end);
}

/// The closed period that the request names by a day, where no other subscription can be meant: it
/// is as it was, also where no card can be asked any more which days belong together.
struct Closed {
  Subscription subscription;
  ClosedPeriod period;
};
std::expected<std::optional<Closed>, NoBill> closed_on(const Engine& engine,
                                                       const BillRequest& request) {
  if (!request.day) return std::nullopt;
  auto all = engine.subscriptions(request.tenant, request.customer);
  if (!all) return std::unexpected(no_bill(all.error()));
  if (request.subscription)
    std::erase_if(*all, [&](const Subscription& s) { return s.id != *request.subscription; });
  for (const Subscription& subscription : *all) {
    auto closed = engine.closed_periods(request.tenant, request.customer, subscription.id);
    if (!closed) return std::unexpected(no_bill(closed.error()));
    const auto found = std::ranges::find_if(
        *closed, [&](const ClosedPeriod& one) { return one.period.contains(*request.day); });
    if (found == closed->end() || request.as_of < found->closed) continue;
    const auto is_other = [&](const Subscription& other) {
      return other.id != subscription.id && bills_some(other, found->period);
    };
    if (std::ranges::none_of(*all, is_other)) return Closed{subscription, std::move(*found)};
  }
  return std::nullopt;
}

std::optional<NoBill> obstacle(const Bills& bills, const BillRequest& request) {
  const Period& days = bills.covered().days;
  if (!bills.covered().is_over(request.as_of))
    return NoBill{Kind::GoesOn, fmt::format("the period goes on until {}: it can be closed then",
                                            toll::to_string(days.until))};
  const Date open = bills.first_open();
  if (open < days.from)
    return NoBill{Kind::Unfit, fmt::format("the period of {} is open: close it first, since what "
                                           "is known of it may change this one",
                                           toll::to_string(open))};
  const std::optional<Date> closed = bills.closed().until();
  if (closed && days.from < *closed)
    return NoBill{Kind::Unfit, fmt::format("what is up to {} is closed, in other periods: the card "
                                           "had another period then",
                                           toll::to_string(*closed))};
  return std::nullopt;
}

std::expected<Bill, NoBill> bill_with(Steps steps, const runtime::CardSet& cards,
                                      const Engine& engine, const BillRequest& request) {
  const auto closed = closed_on(engine, request);
  if (!closed) return std::unexpected(closed.error());
  if (*closed && steps == Steps::None) return bill_of_closed((*closed)->period);
  if (*closed) {
    const auto now = ClosedNow::read(cards, engine, request, (*closed)->subscription);
    return now ? now->explained((*closed)->period) : std::unexpected(now.error());
  }
  Bills bills(cards, engine, request);
  if (auto found = bills.find(); !found) return std::unexpected(std::move(found.error()));
  const ClosedPeriod* const kept = bills.kept();
  if (kept && bills.covered().is_over(request.as_of))
    return steps == Steps::Shown ? bills.closed().explained(*kept) : bill_of_closed(*kept);
  auto open = bills.open(steps);
  if (!open) return std::unexpected(std::move(open.error()));
  return std::move(open->bill);
}

}  // namespace

Int128 Bill::to_pay() const { return total + sum_of(corrections); }

std::string correction_json(const Correction& correction, std::string_view currency) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("period").begin_object();
  json.text("from", toll::to_string(correction.period.from));
  json.text("until", toll::to_string(correction.period.until)).end_object();
  json.text("billed", money(correction.billed, currency));
  json.text("amount", money(correction.now, currency));
  json.text("difference", money(correction.difference(), currency)).end_object();
  return text;
}

std::string Bill::json() const {
  if (corrections.empty() && !closed) return quote;
  std::string beside;
  wire::JsonWriter json(beside);
  json.begin_object();
  if (!corrections.empty()) {
    json.key("corrections").begin_array();
    for (const Correction& correction : corrections)
      json.json(correction_json(correction, currency));
    json.end_array().text("to_pay", money(to_pay(), currency));
  }
  if (closed) json.text("closed", toll::to_string(*closed));
  json.end_object();
  return quote.substr(0, quote.size() - 1) + "," + beside.substr(1);
}

std::expected<Bill, NoBill> bill_of(const runtime::CardSet& cards, const Engine& engine,
                                    const BillRequest& request) {
  return bill_with(Steps::None, cards, engine, request);
}

std::expected<Bill, NoBill> explained_bill_of(const runtime::CardSet& cards, const Engine& engine,
                                              const BillRequest& request) {
  return bill_with(Steps::Shown, cards, engine, request);
}

std::expected<Bill, NoBill> close_period(const runtime::CardSet& cards, Engine& engine,
                                         const BillRequest& request) {
  const auto known = closed_on(engine, request);
  if (!known) return std::unexpected(known.error());
  if (*known) return bill_of_closed((*known)->period);
  for (int i = 0; i < kClosingsMax; ++i) {
    const auto watch = engine.watch(request.tenant, request.customer);
    Bills bills(cards, engine, request);
    const auto found = bills.find();
    // Where it cannot be kept they are looked at again the next time.
    for (const Settled& settled : bills.found_settled())
      static_cast<void>(engine.settle(request.tenant, request.customer, {settled, watch}));
    if (!found) return std::unexpected(found.error());
    if (const ClosedPeriod* const kept = bills.kept()) return bill_of_closed(*kept);
    if (auto why_not = obstacle(bills, request)) return std::unexpected(*std::move(why_not));
    auto open = bills.open(Steps::None);
    if (!open) return std::unexpected(std::move(open.error()));
    const auto settled = bills.settled_by(*open);
    if (!settled) return std::unexpected(settled.error());
    auto& [bill, rated] = *open;
    const auto closed = engine.close_period(
        request.tenant, request.customer, bills.covered().subscription.id,
        {.period = bills.covered().days,
         .closed = request.as_of,
         .card = bill.card,
         .version = bill.version,
         .hashes = hashes_of(rated.answer),
         .part_cards =
             part_cards_of(cards, rated.answer, bills.covered().subscription, request.customer),
         .currency = bill.currency,
         .total = bill.total,
         .corrections = std::move(bill.corrections),
         .usage = usage_to_keep(rated.usage),
         .bill = std::move(bill.quote)},
        bills.closed().until(), FoundSettled{*settled, watch});
    if (!closed) return std::unexpected(no_bill(closed.error()));
    if (*closed) return bill_of_closed(**closed);
  }
  return no_bill(Kind::Unfit,
                 "others close periods of this subscription at this moment: ask again");
}

std::expected<std::vector<ClosedAndNow>, NoBill> closed_and_now(
    const runtime::CardSet& cards, const Engine& engine, const std::string& tenant,
    const std::string& customer, const std::optional<std::string>& subscription, Instant as_of) {
  const auto subscriptions = engine.subscriptions(tenant, customer);
  if (!subscriptions) return std::unexpected(no_bill(subscriptions.error()));
  const BillRequest request{tenant, customer, subscription, {}, as_of};
  std::vector<ClosedAndNow> all;
  bool known = !subscription;
  for (const Subscription& one : *subscriptions) {
    if (subscription && one.id != *subscription) continue;
    known = true;
    auto closed = ClosedNow::read(cards, engine, request, one);
    if (!closed) return std::unexpected(std::move(closed.error()));
    const auto corrections = closed->corrections();
    if (!corrections) return std::unexpected(corrections.error());
    for (size_t i = 0; i < corrections->size(); ++i)
      all.push_back({one.id, closed->all()[i], (*corrections)[i]});
  }
  if (!known) return no_bill(Kind::NotFound, "there is no such subscription of this customer");
  return all;
}

}  // namespace toll::engine
