// The state machine against a model, from seeds: commands in groups, writes that fail, restarts.
// The same seed gives the same run; a failing one is named.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "engine/audit.h"
#include "engine/storage/event_rows.h"
#include "engine/storage/keys.h"
#include "engine/writing/group.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {
namespace {

/// What the commands that were answered should have left.
struct Model {
  struct Event {
    std::string text, customer;
    bool retracted = false;
  };
  std::map<std::pair<std::string, std::string>, Event> events;  // by tenant and id
  uint64_t position = 0;
};

class Simulation {
 public:
  explicit Simulation(uint32_t seed) : random_(seed) {
    store_.before_write = [this]() -> std::optional<StoreError> {
      if (below(8) != 0) return std::nullopt;
      return StoreError{StoreError::Kind::Full, "no room"};
    };
  }

  void step() {
    if (below(10) == 0) restart();
    batches_.clear();
    Group group(store_, position_);
    Model next = model_;
    for (uint32_t i = 1 + below(4); i > 0; --i)
      below(5) == 0 ? retract(group, next) : ingest(group, next);
    group.finish();
    if (group.batch().empty() || !store_.write(group.batch())) return;
    position_ = group.position();
    model_ = std::move(next);
  }

  void check() const {
    const auto audited = audit(store_);
    ASSERT_TRUE(audited);
    for (const std::string& difference : audited->differences) ADD_FAILURE() << difference;
    EXPECT_EQ(audited->events, model_.events.size());
    EXPECT_EQ(position_, model_.events.size());
    std::map<std::pair<std::string, std::string>, Model::Event> found;
    for (const std::string& tenant : {std::string("t"), std::string("u")}) {
      const KeyRange range = events_of(tenant);
      ASSERT_TRUE(store_.scan(Table::Events, range.from, range.until,
                              [&](std::string_view key, std::string_view value) {
                                const auto place = read_event_key(tenant, key);
                                std::vector<StoredEvent> events;
                                EXPECT_TRUE(place && read_events(*place, value, events));
                                for (const StoredEvent& stored : events) {
                                  const auto event = metering::EventReader().read(stored.row.text);
                                  found[{tenant, event->id}] = {std::string(stored.row.text),
                                                                place->customer,
                                                                stored.row.retracted.has_value()};
                                }
                                return true;
                              }));
    }
    ASSERT_EQ(found.size(), model_.events.size());
    for (const auto& [key, event] : model_.events) {
      EXPECT_EQ(found[key].text, event.text);
      EXPECT_EQ(found[key].customer, event.customer);
      EXPECT_EQ(found[key].retracted, event.retracted);
    }
  }

 private:
  static constexpr std::array<std::string_view, 4> kTimes = {
      "2026-03-10T12:00:00Z", "2026-03-10T12:30:00Z", "2026-03-10T13:00:00Z",
      "2026-03-11T12:00:00Z"};

  uint32_t below(uint32_t bound) { return std::uniform_int_distribution(0u, bound - 1)(random_); }
  std::string any_tenant() { return below(2) ? "t" : "u"; }

  void ingest(Group& group, Model& model) {
    const std::string tenant = any_tenant();
    std::vector<Candidate> candidates;
    for (uint32_t i = 1 + below(5); i > 0; --i) {
      candidates.push_back(candidate({.id = std::to_string(below(40)),
                                      .customer = below(2) ? "acme" : "globex",
                                      .time = std::string(kTimes[below(kTimes.size())])}));
      if (below(6) == 0) candidates.back().refusal = "cannot be read";
      candidates.back().unmetered = below(6) == 0;
    }
    batches_.push_back(std::make_unique<Candidates>(tenant));
    for (const Candidate& one : candidates) batches_.back()->add(one);
    batches_.back()->seal();
    const auto judged = group.ingest(*batches_.back());
    ASSERT_TRUE(judged);
    for (size_t i = 0; i < candidates.size(); ++i) {
      const Candidate& one = candidates[i];
      const auto known = model.events.find({tenant, one.event.id});
      const Verdict expected =
          known != model.events.end()
              ? known->second.text == one.text ? Verdict::Duplicate : Verdict::Conflict
          : one.refusal ? Verdict::Rejected
                        : Verdict::Accepted;
      ASSERT_EQ((*judged)[i].verdict, expected);
      if (expected == Verdict::Accepted)
        model.events[{tenant, one.event.id}] = {one.text, one.event.subject};
    }
  }

  void retract(Group& group, Model& model) {
    const std::string tenant = any_tenant(), id = std::to_string(below(40));
    const auto done = group.retract(tenant, "/s", id, "x", Instant{});
    ASSERT_TRUE(done);
    const auto known = model.events.find({tenant, id});
    ASSERT_EQ(*done, known == model.events.end() ? Retraction::NoSuchEvent
                     : known->second.retracted   ? Retraction::AlreadyRetracted
                                                 : Retraction::Retracted);
    if (known != model.events.end()) known->second.retracted = true;
  }

  /// Nothing is known then but what the store says.
  void restart() {
    const auto row = store_.get(Table::State, position_key());
    position_ = *row ? *read_position(**row) : 0;
  }

  std::mt19937 random_;
  MemoryStore store_;
  uint64_t position_ = 0;
  Model model_;
  std::vector<std::unique_ptr<Candidates>> batches_;  // of the group
};

TEST(Simulation, LeavesWhatTheModelSays) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Simulation simulation(seed);
    for (int i = 0; i < 30; ++i) simulation.step();
    simulation.check();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace toll::engine
