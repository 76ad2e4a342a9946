#include "engine/closing.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

#include "base/money.h"
#include "engine/counting/count_usage.h"
#include "engine/reading/covered_period.h"
#include "engine/reading/no_bill.h"
#include "engine/reading/offer.h"
#include "engine/reading/usage_of_period.h"
#include "engine/storage/keys.h"
#include "engine/storage/settled_rows.h"
#include "engine/storage/values.h"
#include "runtime/quote.h"
#include "wire/answer_json.h"
#include "wire/json_writer.h"
#include "wire/usage_json.h"

namespace toll::engine {
namespace {

using Kind = NoBill::Kind;
using runtime::Answer;

/// Whether lines come with their steps.
enum class Steps { None, Shown };

/// Of those who close the same periods at once one goes first; the others look again.
constexpr int kClosingsMax = 10;

/// Bytes of the usage that is kept with a closed period. All closed periods of a subscription are
/// read for each of its bills, so that they may not grow without bound.
constexpr size_t kKeptUsageMax = size_t{64} << 10;

constexpr const char* kKnownOtherwise =
    "what is known of this closed period is not what it was billed by any more, and its usage was "
    "not kept with it: ask without `explain` for what was billed, and for the periods "
    "(`…/periods`) for what it comes to now";
constexpr const char* kRatedOtherwise =
    "what this release of Toll makes of the usage that was kept with this closed period is not "
    "what was billed: ask without `explain` for that";

std::string money(Int128 minor, std::string_view currency) {
  return format_minor(minor, find_currency(currency).value_or(Currency{}));
}

Int128 total_of(const Answer& answer) {
  const int places = find_currency(answer.currency).value_or(Currency{}).exponent;
  std::string digits;
  std::ranges::copy_if(answer.total, std::back_inserter(digits), [](char c) { return c != '.'; });
  const bool has_places = answer.total.contains('.') || places == 0;
  return parse_int128(digits).value_or(0) * (has_places ? 1 : power_of_ten(places));
}

std::string text_of(const Answer& answer) {
  std::string text;
  wire::write_answer(answer, text);
  return text;
}

Answer without_steps(Answer answer) {
  for (auto* const lines : {&answer.lines, &answer.due_at_close})
    for (runtime::AnswerLine& line : *lines) line.steps.clear();
  return answer;
}

/// The usage as it is kept with a closed period; nothing of one that is too large.
std::string usage_to_keep(const runtime::UsageDocument& usage) {
  std::string text = wire::to_json(usage);
  return text.size() <= kKeptUsageMax ? text : std::string();
}

std::vector<std::string> hashes_of(const Answer& answer) {
  std::vector<std::string> hashes;
  for (const runtime::AnswerPart& part : answer.parts) hashes.push_back(part.hash);
  if (hashes.empty()) hashes.push_back(answer.hash);
  return hashes;
}

/// What happens before that moment may change what the days before `until` come to.
Instant known_until(const runtime::CardSet::Revisions& offers, Date until) {
  Instant known{};
  for (const auto& offer : offers) {
    const dsl::RateCard& card = offer->card();
    known = std::max(
        known, reaches_beyond_period(card) ? Instant::max() : start_of(until, card.time_zone));
  }
  return known;
}

Bill bill_of_closed(const ClosedPeriod& closed) {
  return {.card = closed.card,
          .version = closed.version,
          .hash = closed.hash(),
          .period = closed.period,
          .quote = closed.bill,
          .currency = closed.currency,
          .total = closed.total,
          .corrections = closed.corrections,
          .closed = closed.closed};
}

/// The bills of one subscription.
class Bills {
 public:
  Bills(const runtime::CardSet& cards, const Engine& engine, const BillRequest& request)
      : cards_(cards), engine_(engine), request_(request) {}

  /// Finds the subscription and its closed periods.
  std::expected<void, NoBill> find() {
    auto covered = covered_period(cards_, engine_, request_);
    if (!covered && covered.error().kind == Kind::NotFound)
      return find_behind_end(std::move(covered.error()));
    if (!covered) return std::unexpected(std::move(covered.error()));
    covered_ = *std::move(covered);
    return find_closed(covered_.subscription);
  }

  std::expected<void, NoBill> find_closed(const Subscription& subscription) {
    covered_.subscription = subscription;
    auto closed = ClosedPeriods::read(cards_, engine_, request_.tenant, request_.customer,
                                      covered_.subscription);
    if (!closed) return std::unexpected(no_bill(closed.error()));
    closed_.emplace(*std::move(closed));
    view_ = engine_.store().snapshot();
    return find_settled();
  }

  const CoveredPeriod& covered() const { return covered_; }
  const std::vector<ClosedPeriod>& closed() const { return closed_->all(); }
  std::optional<Date> closed_until() const { return closed_->until(); }

  /// The period as it was closed, or null.
  const ClosedPeriod* kept() const {
    const auto found = std::ranges::find_if(closed(), [this](const ClosedPeriod& one) {
      return one.period.from == covered_.days.from;
    });
    return found == closed().end() ? nullptr : &*found;
  }

  /// Whether the days are behind those of the subscription: nothing is billed on them but
  /// corrections.
  bool is_behind_end() const { return is_behind_end(covered_.days); }

  /// The first day that is billed and not closed; days on which nothing is sold are passed over.
  Date first_open() const {
    if (is_behind_end()) return covered_.days.from;
    Date day = closed_until().value_or(covered_.subscription.start);
    while (day < covered_.days.from &&
           !runtime::choose(cards_, document_of(covered_.subscription, request_.customer, day)))
      day = std::min(covered_.days.from,
                     period_containing(covered_.revision->card().period, day).until);
    return day;
  }

  struct Open {
    Bill bill;
    runtime::UsageDocument usage;
    Answer answer;
  };
  std::expected<Open, NoBill> open(Steps steps) const {
    auto rated = is_behind_end() ? nothing_of_its_own() : rate(cards_, covered_, steps);
    if (!rated) return std::unexpected(std::move(rated.error()));
    auto& [usage, answer] = *rated;
    Bill bill{.card = answer.card,
              .version = answer.version,
              .hash = answer.hash,
              .period = answer.period,
              .quote = text_of(answer),
              .currency = answer.currency,
              .total = total_of(answer),
              .corrections = {},
              .closed = {}};
    if (has_begun() && first_open() == covered_.days.from) {
      auto all = corrections();
      if (!all) return std::unexpected(std::move(all.error()));
      std::erase_if(*all, [](const Correction& one) { return one.difference() == 0; });
      bill.corrections = *std::move(all);
    }
    return Open{std::move(bill), std::move(usage), std::move(answer)};
  }

  /// The bill of a closed period with its steps: of the usage that was kept with it, and of one
  /// that was closed before usage was kept, of what is known now. What does not come to what was
  /// billed explains nothing.
  std::expected<Bill, NoBill> explained(const ClosedPeriod& closed) const {
    if (is_behind_end(closed.period)) return bill_of_closed(closed);  // corrections have no steps
    const auto cards = closed_->cards_of(closed);
    if (!cards) return std::unexpected(no_bill(cards.error()));
    const auto usage = usage_billed(**cards, closed);
    if (!usage) return std::unexpected(usage.error());
    const auto answer = runtime::explain(**cards, *usage);
    if (!answer || text_of(without_steps(*answer)) != closed.bill)
      return no_bill(Kind::Unfit, closed.usage.empty() ? kKnownOtherwise : kRatedOtherwise);
    Bill bill = bill_of_closed(closed);
    bill.quote = text_of(*answer);
    return bill;
  }

  /// Before it begins those that are closed go on.
  bool has_begun() const {
    return request_.as_of >= start_of(covered_.days.from, covered_.revision->card().time_zone);
  }

  /// One for each closed period, also where there is no difference. Worked out once.
  std::expected<std::vector<Correction>, NoBill> corrections() const {
    if (corrections_) return *corrections_;
    std::vector<Correction> all;
    for (size_t i = 0; i < closed().size(); ++i) {
      if (is_behind_end(closed()[i].period)) {
        all.push_back({closed()[i].period, 0, 0});
        continue;
      }
      const Int128 billed = billed_for(closed(), i);
      const auto now = settled_ ? billed : total_now(closed()[i]);
      if (!now) return std::unexpected(now.error());
      all.push_back({closed()[i].period, billed, *now});
    }
    corrections_ = std::move(all);
    return *corrections_;
  }

  /// That nothing is to be corrected once this bill is closed. REQUIRES: it has the corrections.
  std::expected<Settled, NoBill> settled_by(const Open& open) const {
    if (is_behind_end()) return settled_until(covered_.days.until, {covered_.revision});
    const auto offers = runtime::offers_of_period(cards_, open.usage);
    if (!offers) return std::unexpected(no_bill(offers.error()));
    return settled_until(covered_.days.until, *offers);
  }

  /// Subscriptions that have ended of which nothing is to be corrected, as find() found out.
  const std::vector<Settled>& found_settled() const { return found_settled_; }

 private:
  using Rated = std::pair<runtime::UsageDocument, Answer>;

  bool is_behind_end(const Period& days) const {
    return covered_.subscription.end && days.from >= *covered_.subscription.end;
  }

  /// Of a subscription that has ended, and all days of which are closed, the days behind them:
  /// where there is something to correct, the bill of some later period must have it. `not_found`
  /// where there is nothing.
  std::expected<void, NoBill> find_behind_end(NoBill not_found) {
    const auto subscriptions = engine_.subscriptions(request_.tenant, request_.customer);
    if (!subscriptions) return std::unexpected(no_bill(subscriptions.error()));
    std::optional<std::string> found;
    for (const Subscription& one : *subscriptions) {
      if (!one.end || (request_.subscription && one.id != *request_.subscription)) continue;
      Bills bills(cards_, engine_, request_);
      const auto corrected = bills.find_corrected(one);
      if (!corrected) return std::unexpected(corrected.error());
      std::ranges::move(bills.found_settled_, std::back_inserter(found_settled_));
      if (!*corrected) continue;
      if (found)
        return no_bill(Kind::Ambiguous,
                       fmt::format("several subscriptions that have ended are corrected: ask for "
                                   "one of them, such as `{}`",
                                   *found));
      found = one.id;
      take(std::move(bills));
    }
    if (!found) return std::unexpected(std::move(not_found));
    return {};
  }

  /// Whether a subscription that has ended is to be corrected behind its end; then this is its bill
  /// there.
  std::expected<bool, NoBill> find_corrected(const Subscription& ended) {
    if (auto read = find_closed(ended); !read) return std::unexpected(std::move(read.error()));
    if (settled_) return false;
    auto behind = behind_end();
    if (!behind) return std::unexpected(std::move(behind.error()));
    if (!*behind) return false;
    const auto all = corrections();
    if (!all) return std::unexpected(all.error());
    covered_ = **std::move(behind);
    if (std::ranges::any_of(*all, [](const Correction& one) { return one.difference() != 0; }))
      return true;
    const auto settled = settled_until(*closed_until(), {covered_.revision});
    if (!settled) return std::unexpected(settled.error());
    found_settled_.push_back(*settled);
    return false;
  }

  /// What another found of the same request, with what it worked out.
  void take(Bills&& other) {
    covered_ = std::move(other.covered_);
    closed_.emplace(*std::move(other.closed_));
    view_ = std::move(other.view_);
    corrections_ = std::move(other.corrections_);
    known_until_ = other.known_until_;
  }

  /// What is kept of the closed periods of this subscription, where it was found by then.
  std::expected<void, NoBill> find_settled() {
    auto all = settled_of(*view_, request_.tenant, request_.customer);
    if (!all) return std::unexpected(NoBill{Kind::Unanswered, all.error().message});
    for (Settled& one : *all)
      if (one.subscription == covered_.subscription.id && one.until == closed_until() &&
          one.at <= request_.as_of) {
        known_until_ = one.before;
        settled_ = std::move(one);
      }
    return {};
  }

  /// By the rows that were read. REQUIRES: corrections() were found.
  std::expected<Settled, NoBill> settled_until(Date until,
                                               const runtime::CardSet::Revisions& offers) const {
    const auto row = view_->get(Table::State, position_key());
    if (!row) return std::unexpected(NoBill{Kind::Unanswered, row.error().message});
    return Settled{.subscription = covered_.subscription.id,
                   .until = until,
                   .at = request_.as_of,
                   .before = std::max(known_until_, known_until(offers, until)),
                   .position = *row ? read_position(**row).value_or(0) : 0};
  }

  /// The part of the period of the request's day that is behind the end and not closed, by the text
  /// that billed last; empty where days of the subscription are open or in that period.
  std::expected<std::optional<CoveredPeriod>, NoBill> behind_end() const {
    const Subscription& subscription = covered_.subscription;
    if (!closed_until() || *closed_until() < *subscription.end) return std::nullopt;
    const ClosedPeriod& last = last_billed();
    const auto cards = closed_->cards_of(last);
    if (!cards) return std::unexpected(no_bill(cards.error()));
    auto revision =
        runtime::choose(**cards, document_of(subscription, request_.customer, last.period.from));
    if (!revision) return std::unexpected(no_bill(std::move(revision.error())));
    const dsl::RateCard& card = (*revision)->card();
    const Date day = request_.day.value_or(local_time(request_.as_of, card.time_zone).day);
    Period days = period_containing(card.period, day);
    days.from = std::max(days.from, *closed_until());
    if (days.from >= days.until) return std::nullopt;
    return CoveredPeriod{subscription, *std::move(revision), days};
  }

  /// REQUIRES: a period is closed that lies before the end; the first one does.
  const ClosedPeriod& last_billed() const {
    return *std::ranges::find_if(
        closed().rbegin(), closed().rend(),
        [this](const ClosedPeriod& one) { return !is_behind_end(one.period); });
  }

  /// A bill behind the end, as the text would answer that billed last.
  std::expected<Rated, NoBill> nothing_of_its_own() const {
    const ClosedPeriod& last = last_billed();
    Answer answer;
    answer.card = last.card;
    answer.version = last.version;
    answer.hash = last.hash();
    answer.plan = covered_.subscription.plan_on(last.period.until - std::chrono::days(1));
    answer.currency = last.currency;
    answer.period = covered_.days;
    answer.total = money(0, last.currency);
    return Rated(document_of(covered_.subscription, request_.customer, covered_.days.from), answer);
  }

  std::expected<Rated, NoBill> rate(const runtime::CardSet& cards, const CoveredPeriod& covered,
                                    Steps steps) const {
    auto document = usage_of_period(cards, *view_, request_, covered, *closed_);
    if (!document) return std::unexpected(std::move(document.error()));
    auto answer = steps == Steps::Shown ? runtime::explain(cards, *document)
                                        : runtime::quote(cards, *document);
    if (!answer) return std::unexpected(no_bill(std::move(answer.error())));
    return Rated(*std::move(document), *std::move(answer));
  }

  /// A closed period, as the texts that billed it cover it.
  std::expected<CoveredPeriod, NoBill> covered_by(const runtime::CardSet& cards,
                                                  const ClosedPeriod& closed) const {
    auto revision = runtime::choose(
        cards, document_of(covered_.subscription, request_.customer, closed.period.from));
    if (!revision) return std::unexpected(no_bill(std::move(revision.error())));
    return CoveredPeriod{covered_.subscription, *std::move(revision), closed.period};
  }

  std::expected<runtime::UsageDocument, NoBill> usage_billed(const runtime::CardSet& cards,
                                                             const ClosedPeriod& closed) const {
    if (!closed.usage.empty()) {
      auto kept = wire::read_usage(closed.usage);
      if (kept) return *std::move(kept);
      return no_bill(Kind::Unanswered, "the usage that is kept with a closed period is damaged");
    }
    const auto covered = covered_by(cards, closed);
    if (!covered) return std::unexpected(covered.error());
    return usage_of_period(cards, *view_, request_, *covered, *closed_);
  }

  /// What a closed period comes to by the texts that billed it: a price that was changed since is
  /// none of what became known.
  std::expected<Int128, NoBill> total_now(const ClosedPeriod& closed) const {
    const auto cards = closed_->cards_of(closed);
    if (!cards) return std::unexpected(no_bill(cards.error()));
    const auto covered = covered_by(**cards, closed);
    if (!covered) return std::unexpected(covered.error());
    known_until_ = std::max(known_until_, known_until((*cards)->revisions(), closed.period.until));
    const auto rated = rate(**cards, *covered, Steps::None);
    if (rated) return total_of(rated->second);
    NoBill why = rated.error();
    why.message = fmt::format("what the closed period from {} until {} comes to now is refused: {}",
                              toll::to_string(closed.period.from),
                              toll::to_string(closed.period.until), why.message);
    return std::unexpected(std::move(why));
  }

  const runtime::CardSet& cards_;
  const Engine& engine_;
  const BillRequest& request_;
  CoveredPeriod covered_;
  std::optional<ClosedPeriods> closed_;
  std::unique_ptr<const View> view_;
  std::optional<Settled> settled_;  // as it is kept
  std::vector<Settled> found_settled_;
  mutable std::optional<std::vector<Correction>> corrections_;
  mutable Instant known_until_{};  // what happens before it may change closed periods
};

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
  if (bills.closed_until() && days.from < *bills.closed_until())
    return NoBill{Kind::Unfit, fmt::format("what is up to {} is closed, in other periods: the card "
                                           "had another period then",
                                           toll::to_string(*bills.closed_until()))};
  return std::nullopt;
}

std::expected<Bill, NoBill> bill_with(Steps steps, const runtime::CardSet& cards,
                                      const Engine& engine, const BillRequest& request) {
  const auto closed = closed_on(engine, request);
  if (!closed) return std::unexpected(closed.error());
  if (*closed && steps == Steps::None) return bill_of_closed((*closed)->period);
  Bills bills(cards, engine, request);
  auto found = *closed ? bills.find_closed((*closed)->subscription) : bills.find();
  if (!found) return std::unexpected(std::move(found.error()));
  if (*closed) return bills.explained((*closed)->period);
  const ClosedPeriod* const kept = bills.kept();
  if (kept && bills.covered().is_over(request.as_of))
    return steps == Steps::Shown ? bills.explained(*kept) : bill_of_closed(*kept);
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
    auto& [bill, usage, answer] = *open;
    const auto closed = engine.close_period(
        request.tenant, request.customer, bills.covered().subscription.id,
        {.period = bills.covered().days,
         .closed = request.as_of,
         .card = bill.card,
         .version = bill.version,
         .hashes = hashes_of(answer),
         .part_cards = part_cards_of(cards, answer, bills.covered().subscription, request.customer),
         .currency = bill.currency,
         .total = bill.total,
         .corrections = std::move(bill.corrections),
         .usage = usage_to_keep(usage),
         .bill = std::move(bill.quote)},
        bills.closed_until(), FoundSettled{*settled, watch});
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
    Bills bills(cards, engine, request);
    if (auto found = bills.find_closed(one); !found)
      return std::unexpected(std::move(found.error()));
    const auto corrections = bills.corrections();
    if (!corrections) return std::unexpected(corrections.error());
    for (size_t i = 0; i < corrections->size(); ++i)
      all.push_back({one.id, bills.closed()[i], (*corrections)[i]});
  }
  if (!known) return no_bill(Kind::NotFound, "there is no such subscription of this customer");
  return all;
}

}  // namespace toll::engine
