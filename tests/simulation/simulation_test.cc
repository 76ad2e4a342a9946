// A house in one thread of time: events that come twice, late and out of order, retractions,
// credits that are bought and taken back, periods that are closed, a disk that fails, restarts,
// against a model that knows nothing of groups or rows. The clock is the simulation's; the same
// seed is the same run. `simulation_test SEEDS [FIRST]`; a seed that fails is named, and
// `simulation_test 1 SEED` runs it again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engine/admission.h"
#include "engine/audit.h"
#include "engine/closing.h"
#include "engine/granting.h"
#include "engine/live_bill.h"
#include "tests/simulation/model.h"
#include "tests/support/arguments.h"
#include "tests/support/live.h"

namespace toll::simulation {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

uint32_t seeds = 1000;
uint32_t first_seed = 1;

constexpr int kSteps = 25;
constexpr const char* kTenant = "t";
constexpr const char* kCustomers[] = {"acme", "globex"};
const Instant kStart = *parse_instant("2026-01-05T00:00:00Z");
/// Rows that outlive the engine.
class Disk final : public engine::Store {
 public:
  explicit Disk(engine::MemoryStore& rows) : rows_(rows) {}
  std::expected<Value, engine::StoreError> get(engine::Table table,
                                               std::string_view key) const override {
    return rows_.get(table, key);
  }
  std::expected<std::vector<Value>, engine::StoreError> get_many(
      engine::Table table, std::span<const std::string_view> keys) const override {
    return rows_.get_many(table, keys);
  }
  std::expected<void, engine::StoreError> scan(engine::Table table, std::string_view from,
                                               std::string_view until,
                                               const Visit& visit) const override {
    return rows_.scan(table, from, until, visit);
  }
  std::expected<void, engine::StoreError> write(const engine::Batch& batch) override {
    return rows_.write(batch);
  }
  std::unique_ptr<const engine::View> snapshot() const override { return rows_.snapshot(); }

 private:
  engine::MemoryStore& rows_;
};

class Simulation {
 public:
  Simulation(uint32_t seed, std::shared_ptr<const runtime::CardSet> cards)
      : random_(seed), cards_(std::move(cards)) {
    rows_.before_write = [this]() -> std::optional<engine::StoreError> {
      if (well_ || below(6) != 0) return std::nullopt;
      return engine::StoreError{engine::StoreError::Kind::Full, "no room"};
    };
    restart();
    well_ = true;
    for (const char* customer : kCustomers) {
      EXPECT_TRUE(subscribe(customer, {}, {}));
      model_.plan_changes[customer];
    }
    well_ = false;
  }

  void run() {
    for (int i = 0; i < kSteps && !::testing::Test::HasFailure(); ++i) step();
    check_rows();
    // And then everything is closed, and something of it changes once more.
    for (int month = 0; month < 2 && !::testing::Test::HasFailure(); ++month) {
      for (const char* customer : kCustomers) {
        check_bill(customer);
        check_paid(customer);
        close_all(customer);
      }
      now_ += hours(24 * 31);
      ingest();
      retract();
    }
  }

 private:
  uint32_t below(uint32_t bound) { return std::uniform_int_distribution(0u, bound - 1)(random_); }

  void step() {
    now_ += seconds(below(60 * 60 * 40));
    if (below(5) == 0) now_ += hours(24 * below(25));  // so that months end
    switch (below(15)) {
      case 0:
        return restart();
      case 1:
        return retract();
      case 2:
        return check_bill(kCustomers[below(2)]);
      case 3:
        return close_all(kCustomers[below(2)]);
      case 4:
        return buy();
      case 5:
        return take_back();
      case 6:
        return change_plan(kCustomers[below(2)]);
      case 7:
        return leave(kCustomers[below(2)]);
      default:
        return ingest();
    }
  }

  /// Nothing is known then but what the disk holds.
  void restart() {
    engine_.reset();
    auto engine = engine::Engine::open(std::make_unique<Disk>(rows_));
    ASSERT_TRUE(engine);
    engine_ = std::move(*engine);
  }

  Event new_event() {
    // Some come late, some from a clock that is ahead, some at the edge of a day of New York.
    Instant time = now_ - seconds(below(4) == 0 ? below(60 * 60 * 24 * 50) : below(600));
    if (below(8) == 0) time = now_ + seconds(below(3600));
    if (below(6) == 0) {
      const Date day = local_time(time, kZone).day;
      time = start_of(day, kZone) - std::chrono::nanoseconds(below(2));
    }
    return {next_id_++,  kCustomers[below(2)], std::max(time, kStart), static_cast<int>(below(2)),
            below(1000), below(3000)};
  }

  Event any_event() {
    if (sent_.empty() || below(3) != 0) return sent_.emplace_back(new_event());
    Event again = sent_[below(static_cast<uint32_t>(sent_.size()))];
    if (below(5) == 0) ++again.tokens;  // another event under the same id
    return again;
  }

  void ingest() {
    std::vector<Event> events;
    for (uint32_t i = 1 + below(12); i > 0; --i) events.push_back(any_event());
    std::ranges::shuffle(events, random_);
    Model after = model_;
    std::vector<engine::Verdict> expected;
    for (const Event& event : events) {
      const auto [known, fresh] = after.events.try_emplace(event.id, event);
      expected.push_back(fresh                    ? engine::Verdict::Accepted
                         : known->second == event ? engine::Verdict::Duplicate
                                                  : engine::Verdict::Conflict);
    }
    engine::Admission admission(cards_, *engine_, kTenant);
    engine::Candidates candidates(kTenant);
    for (const Event& event : events) ASSERT_TRUE(admission.read(event.text(), candidates));
    const auto judged = engine_->ingest(std::move(candidates));
    if (!judged) return;  // nothing is there of it: whoever sent it sends it again, or not
    for (size_t i = 0; i < events.size(); ++i)
      ASSERT_EQ((*judged)[i].verdict, expected[i]) << events[i].text();
    model_ = std::move(after);
  }

  void retract() {
    if (sent_.empty()) return;
    const int id = sent_[below(static_cast<uint32_t>(sent_.size()))].id;
    const auto done = engine_->retract(kTenant, "/s", std::to_string(id), "x", now_);
    if (!done) return;
    ASSERT_EQ(*done, !model_.events.contains(id)     ? engine::Retraction::NoSuchEvent
                     : model_.retracted.contains(id) ? engine::Retraction::AlreadyRetracted
                                                     : engine::Retraction::Retracted);
    if (model_.events.contains(id)) model_.retracted.insert(id);
  }

  engine::Answered<std::optional<engine::NotSubscribed>> subscribe(const std::string& customer,
                                                                   std::vector<PlanChange> changes,
                                                                   std::optional<Date> end) {
    return engine_->put_subscription(kTenant, customer,
                                     {.id = "main",
                                      .card = "api",
                                      .plan = std::string(kFirstPlan),
                                      .currency = {},
                                      .start = kFirstMonth,
                                      .end = end,
                                      .plan_changes = std::move(changes)});
  }

  /// From a day around this one on for good, whatever was to come later.
  void change_plan(const std::string& customer) {
    const Date from = std::max(kFirstMonth + std::chrono::days(1), a_day());
    const std::vector<PlanChange>& before = model_.plan_changes[customer];
    std::vector<PlanChange> changes = before;
    std::erase_if(changes, [&](const PlanChange& change) { return change.first >= from; });
    changes.emplace_back(from, plan_on(changes, from) == "pro" ? "basic" : "pro");
    const auto done = subscribe(customer, changes, end_of(customer));
    if (!done) return;
    bool bills_otherwise = false;
    for (Date day = from; day < closed_[customer].until; day += std::chrono::days(1))
      bills_otherwise |= plan_on(before, day) != plan_on(changes, day);
    ASSERT_EQ(done->has_value(), bills_otherwise) << customer << " from " << to_string(from);
    if (!*done) model_.plan_changes[customer] = std::move(changes);
  }

  /// Once.
  void leave(const std::string& customer) {
    if (model_.ends.contains(customer) || below(2) == 0) return;
    const Date end = std::max(kFirstMonth + std::chrono::days(1), a_day());
    const auto done = subscribe(customer, model_.plan_changes[customer], end);
    if (!done) return;
    const bool has_later_credits = std::ranges::any_of(model_.bought, [&](const auto& each) {
      return each.second.customer == customer && each.second.from >= end;
    });
    ASSERT_EQ(done->has_value(), end < closed_[customer].until || has_later_credits)
        << customer << " until " << to_string(end);
    if (!*done) model_.ends.emplace(customer, end);
  }
  std::optional<Date> end_of(const std::string& customer) const {
    const auto end = model_.ends.find(customer);
    return end == model_.ends.end() ? std::optional<Date>() : end->second;
  }
  /// Whether nothing of the day's month is billed any more.
  bool has_left(const std::string& customer, Date day) const {
    const Date first = period_containing(PeriodUnit::Month, day).from;
    return model_.ends.contains(customer) && first >= model_.ends.at(customer);
  }

  /// Forty days ago to twenty ahead.
  Date a_day() {
    return local_time(now_, kZone).day + std::chrono::days(below(60)) - std::chrono::days(40);
  }

  /// From a day of this month, of one before it, or of the next.
  void buy() {
    const Date from = std::max(kFirstMonth, a_day());
    Bought credits{.id = next_id_++,
                   .customer = kCustomers[below(2)],
                   .hundredths = 1 + below(500),
                   .from = from,
                   .expires = {}};
    if (below(3) != 0) credits.expires = from + std::chrono::days(1 + below(50));
    const auto kept = engine::grant(*cards_, *engine_,
                                    {.tenant = kTenant,
                                     .customer = credits.customer,
                                     .grant = {.id = std::to_string(credits.id),
                                               .subscription = "main",
                                               .pool = "compute",
                                               .quantity = Ratio::of(credits.hundredths, 100),
                                               .from = credits.from,
                                               .expires = credits.expires}});
    if (!kept && kept.error().why.kind == engine::NoBill::Kind::Unanswered) return;
    const auto end = end_of(credits.customer);
    ASSERT_EQ(kept.has_value(), !end || from < *end)
        << (kept ? "it is kept" : kept.error().why.message);
    if (kept) model_.bought.emplace(credits.id, credits);
  }

  void take_back() {
    if (model_.bought.empty()) return;
    const auto place =
        std::next(model_.bought.begin(), below(static_cast<uint32_t>(model_.bought.size())));
    const Bought& credits = place->second;
    const auto done =
        engine_->withdraw_grant(kTenant, credits.customer, std::to_string(credits.id), now_);
    if (!done) return;
    ASSERT_TRUE(done->grant);
    ASSERT_EQ(done->closed_until.has_value(), credits.from < closed_[credits.customer].until);
    if (!done->closed_until) model_.bought.erase(place);
  }

  void check_bill(const char* customer) {
    const Date day = std::chrono::floor<std::chrono::days>(
        kStart + seconds(below(static_cast<uint32_t>((now_ - kStart) / seconds(1)) + 1)));
    const auto bill = engine::live_bill(*cards_, *engine_, request(customer, day));
    ASSERT_EQ(bill.has_value(), !has_left(customer, day))
        << (bill ? bill->total : bill.error().message);
    if (!bill) return;
    const Period month = model_.month_of(customer, day);
    const MonthOwed owed = model_.owed(customer, month, as_of(month));
    EXPECT_EQ(bill->total, fmt::format("{}.{:02}", owed.cents / 100, owed.cents % 100))
        << customer << " in the month of " << to_string(day) << " at " << to_string(now_);
    ASSERT_EQ(bill->remaining.size(), 1u);
    EXPECT_EQ(bill->remaining[0].second, owed.credits_left)
        << customer << " in the month of " << to_string(day) << " at " << to_string(now_);
  }

  bool is_over(const Period& month) const { return now_ >= start_of(month.until, kZone); }
  /// What a bill of the month knows.
  Instant as_of(const Period& month) const { return is_over(month) ? Instant::max() : now_; }

  engine::BillRequest request(const char* customer, Date day) const {
    return {.tenant = kTenant, .customer = customer, .subscription = {}, .day = day, .as_of = now_};
  }

  void close_all(const char* customer) {
    while (close(customer) && !::testing::Test::HasFailure()) {
    }
  }

  /// The first month that is open, if it is over; behind the end only where there is something to
  /// correct. Whether it was closed.
  bool close(const char* customer) {
    auto& [open, closed_until, paid] = closed_[customer];
    const auto bill = engine::close_period(*cards_, *engine_, request(customer, open));
    const bool is_to_come = !is_over(model_.month_of(customer, open));
    const bool nothing_due = has_left(customer, open) && paid == owed_before(customer, open);
    if (!bill) {
      EXPECT_TRUE(is_to_come || nothing_due ||
                  bill.error().kind == engine::NoBill::Kind::Unanswered)
          << bill.error().message;
      return false;
    }
    EXPECT_FALSE(is_to_come || nothing_due);
    paid += bill->to_pay();
    closed_until = bill->period.until;
    open = period_containing(PeriodUnit::Month, open).until;
    EXPECT_EQ(paid, owed_before(customer, open)) << customer << " up to " << to_string(open);
    return true;
  }

  /// What was billed, with the first bill that is open, is what all events up to there come to.
  void check_paid(const char* customer) {
    const auto& [open, closed_until, paid] = closed_[customer];
    const Date today = local_time(now_, kZone).day;
    if (has_left(customer, open) && open > today) return;  // its bill has not begun
    const Date day = has_left(customer, open) ? today : open;
    const auto next = engine::bill_of(*cards_, *engine_, request(customer, day));
    Int128 owed = owed_before(customer, open);
    if (!has_left(customer, open)) {
      const Period month = model_.month_of(customer, open);
      owed += model_.owed(customer, month, as_of(month)).cents;
    }
    if (next)
      EXPECT_EQ(paid + next->to_pay(), owed) << customer << " up to " << to_string(open);
    else
      EXPECT_TRUE(has_left(customer, open) && paid == owed) << next.error().message;
  }

  /// For the months before a day, all of them over.
  Int128 owed_before(const std::string& customer, Date open) const {
    Int128 owed = 0;
    for (Date day = kFirstMonth; day < open && !has_left(customer, day);) {
      const Period closed = model_.month_of(customer, day);
      owed += model_.owed(customer, closed, Instant::max()).cents;
      day = period_containing(PeriodUnit::Month, day).until;
    }
    return owed;
  }

  void check_rows() {
    const auto audited = engine::audit(engine_->store(), *cards_);
    ASSERT_TRUE(audited);
    for (const std::string& difference : audited->differences) ADD_FAILURE() << difference;
    EXPECT_EQ(audited->events, model_.events.size());
    EXPECT_EQ(audited->retracted, model_.retracted.size());
    size_t found = 0;
    for (const char* customer : kCustomers) {
      Instant before{};
      EXPECT_TRUE(engine_->record(kTenant, customer, Instant{}, Instant::max(),
                                  [&](const engine::RecordedEvent& one) {
                                    ++found;
                                    EXPECT_LE(before, one.time);
                                    before = one.time;
                                    check_event(one);
                                    return true;
                                  }));
    }
    EXPECT_EQ(found, model_.events.size());
  }

  void check_event(const engine::RecordedEvent& one) const {
    const auto read = metering::EventReader().read(one.text);
    ASSERT_TRUE(read);
    const int id = std::stoi(read->id);
    ASSERT_TRUE(model_.events.contains(id));
    EXPECT_EQ(one.text, model_.events.at(id).text());
    EXPECT_EQ(one.retracted.has_value(), model_.retracted.contains(id));
  }

  std::mt19937 random_;
  const std::shared_ptr<const runtime::CardSet> cards_;
  engine::MemoryStore rows_;
  bool well_ = false;
  std::unique_ptr<engine::Engine> engine_;
  Instant now_ = kStart;
  int next_id_ = 1;
  std::vector<Event> sent_;
  struct Closed {
    Date open = kFirstMonth;   ///< the first day of the month that is closed next
    Date until = kFirstMonth;  ///< of the bill before
    Int128 paid = 0;
  };
  std::map<std::string, Closed> closed_;  // by customer
  Model model_;
};

TEST(Simulation, LeavesWhatTheModelSays) {
  const auto cards = std::make_shared<const runtime::CardSet>(testing::card_set(card_texts()));
  for (uint32_t i = 0; i < seeds; ++i) {
    const uint32_t seed = first_seed + i;
    SCOPED_TRACE(fmt::format("simulation_test 1 {}", seed));
    Simulation(seed, cards).run();
    if (HasFailure()) return;
  }
  fmt::print("{} seeds\n", seeds);
}

}  // namespace
}  // namespace toll::simulation

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  using toll::testing::read_number;
  if (argc > 3 || (argc > 1 && !read_number(argv[1], toll::simulation::seeds)) ||
      (argc > 2 && !read_number(argv[2], toll::simulation::first_seed)) ||
      toll::simulation::seeds == 0) {
    fmt::print(stderr, "usage: simulation_test [SEEDS [FIRST]]\n");
    return 2;
  }
  return RUN_ALL_TESTS();
}
