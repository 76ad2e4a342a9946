#include "tests/faults/told.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <utility>

#include "engine/audit.h"
#include "metering/read_events.h"

namespace toll::faults {
namespace {

constexpr const char* kTenant = "t";
constexpr const char* kCustomers[] = {"acme", "globex", "initech"};

const Instant kEnd = *parse_instant("2199-01-01T00:00:00Z");

}  // namespace

std::string event_text(int id) {
  return fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"/faults","type":"llm","subject":"{}",)"
      R"("time":"2026-03-{:02}T12:00:00Z","data":{{"tokens":{},"note":"{}"}}}})",
      id, kCustomers[id % 3], id % 31 + 1, id % 100,
      std::string(static_cast<size_t>(id % 300), 'x'));
}

bool Told::send(engine::Engine& engine, int count) {
  std::vector<int> ids = std::exchange(unknown_, {});
  if (!acknowledged_.empty()) ids.push_back(*acknowledged_.begin());
  for (int i = 0; i < count; ++i) ids.push_back(sent_++);
  metering::EventReader reader;
  engine::Candidates candidates(kTenant);
  for (const int id : ids) {
    const std::string text = event_text(id);
    candidates.add(*reader.read(text), text, false, {}, {});
  }
  const auto judged = engine.ingest(std::move(candidates));
  if (!judged) {
    why_ = judged.error().message;
    for (const int id : ids)
      if (!acknowledged_.contains(id)) unknown_.push_back(id);
    return false;
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_TRUE((*judged)[i].verdict == engine::Verdict::Accepted ||
                (*judged)[i].verdict == engine::Verdict::Duplicate)
        << (*judged)[i].reason;
    EXPECT_FALSE(acknowledged_.contains(ids[i]) &&
                 (*judged)[i].verdict != engine::Verdict::Duplicate);
    acknowledged_.insert(ids[i]);
  }
  return true;
}

void Told::check(const engine::Engine& engine) const {
  check(engine.store());
  std::set<int> found;
  for (const char* customer : kCustomers) {
    const auto read =
        engine.record(kTenant, customer, Instant{}, kEnd, [&](const engine::RecordedEvent& one) {
          const auto event = metering::EventReader().read(one.text);
          EXPECT_TRUE(event) << one.text;
          const int id = event ? std::stoi(event->id) : -1;
          EXPECT_LT(id, sent_) << "nobody sent it";
          EXPECT_EQ(one.text, event_text(id));
          EXPECT_TRUE(found.insert(id).second) << id << " is twice there";
          return true;
        });
    EXPECT_TRUE(read) << read.error().message;
  }
  for (const int id : acknowledged_)
    EXPECT_TRUE(found.contains(id)) << "event " << id << " was acknowledged, and is gone";
}

void Told::check(const engine::Store& store) const {
  const auto audited = engine::audit(store);
  ASSERT_TRUE(audited) << audited.error().message;
  for (const std::string& difference : audited->differences) ADD_FAILURE() << difference;
}

}  // namespace toll::faults
