// The audit finds whatever does not follow from the events.
#include "engine/audit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "engine/storage/account_rows.h"
#include "engine/storage/event_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {
namespace {

/// A store with events of two tenants, a retracted one, an unmetered one and a conflict.
class Audited : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = std::make_unique<MemoryStore>();
    store_ = store.get();
    engine_ = *Engine::open(std::move(store));
    Candidate unmetered = candidate({.id = "3"});
    unmetered.unmetered = true;
    // The first has a row of its own, the two others share one.
    ASSERT_TRUE(engine_->ingest("t", {candidate({})}));
    ASSERT_TRUE(engine_->ingest(
        "t", {candidate({.id = "2"}), unmetered, candidate({.customer = "globex"})}));
    ASSERT_TRUE(engine_->ingest("u", {candidate({})}));
    ASSERT_TRUE(engine_->retract("t", "/s", "2", "x", Instant{}));
  }

  /// The one difference, or how many there are.
  std::string difference() const {
    const auto audited = audit(*store_);
    EXPECT_TRUE(audited) << audited.error().message;
    return audited->difference_count == 1 ? audited->differences[0]
                                          : std::to_string(audited->difference_count);
  }

  void put(Table table, std::string_view key, std::string_view value) {
    Batch batch;
    batch.put(table, key, value);
    ASSERT_TRUE(store_->write(batch));
  }

  const Instant time_ = *parse_instant("2026-03-10T12:00:00Z");
  MemoryStore* store_ = nullptr;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Audited, IsInOrder) {
  const auto audited = audit(*store_);
  ASSERT_TRUE(audited);
  EXPECT_EQ(difference(), "0");
  EXPECT_EQ(audited->events, 4u);
  EXPECT_EQ(audited->unmetered, 1u);
  EXPECT_EQ(audited->retracted, 1u);
  EXPECT_EQ(audited->conflicts, 1u);
}

TEST_F(Audited, IsInOrderWithMoreEventsThanAreLookedUpTogether) {
  std::vector<Candidate> many;
  for (int i = 0; i < 2500; ++i) many.push_back(candidate({.id = fmt::format("many-{}", i)}));
  ASSERT_TRUE(engine_->ingest("t", std::move(many)));
  EXPECT_EQ(difference(), "0");
  put(Table::Identities, identity_key("t", "/s", "many-1200"), "elsewhere");
  EXPECT_NE(difference().find("leads to another event"), std::string::npos);
}

TEST_F(Audited, AnEmptyStoreIsInOrder) {
  const auto audited = audit(MemoryStore());
  ASSERT_TRUE(audited);
  EXPECT_EQ(audited->difference_count, 0u);
}

TEST_F(Audited, FindsAnIdentityThatLeadsElsewhere) {
  put(Table::Identities, identity_key("t", "/s", "1"), write_place({"acme", time_, 2}));
  EXPECT_EQ(difference(), "the identity of event 1 of the log leads to another event");
}

TEST_F(Audited, FindsAnIdentityThatLeadsToAnotherEventOfItsRow) {
  put(Table::Identities, identity_key("t", "/s", "3"), write_identity({"acme", time_, 2}, true, 0));
  EXPECT_EQ(difference(), "the identity of event 3 of the log leads to another event");
}

TEST_F(Audited, FindsABlockWhoseEventsAreNotInOrder) {
  const std::string key = event_key("t", "acme", time_, 2);
  const std::string value = **store_->get(Table::Events, key);
  std::vector<StoredEvent> events;
  ASSERT_TRUE(read_events({"acme", time_, 2}, value, events));
  ASSERT_EQ(events.size(), 2u);
  std::swap(events[0], events[1]);
  events[1].position = 1;
  put(Table::Events, key, write_events(events));
  // The row counts as one event: there are fewer than of everything that is kept of them.
  EXPECT_NE(difference(), "0");
  EXPECT_EQ(audit(*store_)->differences[0], "an event's row is damaged");
}

TEST_F(Audited, FindsAnIdentityWithoutAnEvent) {
  put(Table::Identities, identity_key("t", "/s", "9"), write_place({"acme", time_, 1}));
  EXPECT_EQ(difference(), "a tenant has 3 events and 4 identities");
}

TEST_F(Audited, FindsAnEventThatNobodyAccepted) {
  put(Table::Events, event_key("t", "acme", time_, 5),
      write_event({.unmetered = false, .retracted = {}, .reason = {}, .text = event_text({})}));
  // Its identity leads to another, there are more events than identities, its day and that of its
  // source have more than is kept of them, the log ends before it, and the counts say less.
  EXPECT_EQ(difference(), "6");
}

TEST_F(Audited, FindsAnEventUnderAnotherCustomer) {
  put(Table::Events, event_key("t", "acme", time_, 1),
      write_event({.unmetered = false,
                   .retracted = {},
                   .reason = {},
                   .text = event_text({.customer = "globex"})}));
  EXPECT_EQ(difference(), "event 1 of the log lies under another customer or time than its own");
}

TEST_F(Audited, FindsAnEventThatCannotBeRead) {
  put(Table::Events, event_key("t", "acme", time_, 1),
      write_event({.unmetered = false, .retracted = {}, .reason = {}, .text = "{}"}));
  EXPECT_EQ(difference(), "event 1 of the log cannot be read: attribute `specversion` is missing");
}

TEST_F(Audited, FindsADayThatHasOtherEvents) {
  put(Table::Days, day_key("t", "acme", *parse_date("2026-03-10")),
      write_day_row({.events = 3, .readings = {}}));
  EXPECT_EQ(difference(), "a customer's day has another number of events than is kept of it");
}

TEST_F(Audited, FindsADayWithoutEvents) {
  put(Table::Days, day_key("t", "acme", *parse_date("2026-03-11")),
      write_day_row({.events = 1, .readings = {}}));
  EXPECT_EQ(difference(), "a customer's day has another number of events than is kept of it");
}

TEST_F(Audited, FindsADayOfASourceThatIsNotThatOfItsEvents) {
  constexpr std::string_view kDiffers =
      "what is kept of a source's day does not follow from its events";
  const std::string key = source_day_key("t", "/s", *parse_date("2026-03-10"));
  SourceDay day{
      .events = 3, .unmetered = 1, .rejected = 7, .conflicts = 1, .minutes = {}, .sequence = {}};
  day.mark(time_);
  put(Table::State, key, write_source_day(day));
  EXPECT_EQ(difference(), "0") << "what was rejected is nowhere else";
  SourceDay fewer = day;
  fewer.events = 2;
  put(Table::State, key, write_source_day(fewer));
  EXPECT_EQ(difference(), kDiffers);
  SourceDay louder = day;
  louder.mark(*parse_instant("2026-03-10T13:00:00Z"));
  put(Table::State, key, write_source_day(louder));
  EXPECT_EQ(difference(), kDiffers);
  put(Table::State, key, write_source_day(day));
  put(Table::State, source_day_key("t", "/s", *parse_date("2026-03-11")), write_source_day(day));
  EXPECT_EQ(difference(), kDiffers) << "a day without events";
}

TEST_F(Audited, FindsCountsThatAreWrong) {
  put(Table::State, counts_key("t"), write_counts({3, 1, 0, 1}));
  EXPECT_EQ(difference(), "a tenant has 1 retracted events, and the counts say 0");
}

TEST_F(Audited, FindsALogThatIsElsewhere) {
  put(Table::State, position_key(), write_position(5));
  EXPECT_EQ(difference(), "the log is at 5, its last event at 4, and there are 4 events");
}

}  // namespace
}  // namespace toll::engine
