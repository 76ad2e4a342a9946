// A disk that fails and comes back: nothing is acknowledged that is not durable, what is there
// stays readable, and events are taken again without a restart.
//
//   disk_recovery_test [EACH]    each kind of call fails in all ways, its first EACH times
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "tests/faults/faulty_disk.h"
#include "tests/faults/told.h"
#include "tests/support/arguments.h"

namespace toll::faults {

size_t each = 0;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// From the disk's return to the first acknowledgement. The longest pause is 5 s.
constexpr milliseconds kRecoversWithin{10'000};

enum class Lasts { Once, UntilHealed };

struct Seen {
  std::set<std::string> refused = {};      ///< calls whose failure refused a batch
  std::set<std::string> not_started = {};  ///< or the start
  milliseconds longest{0};                 ///< until events were taken again
};

void expect_recovery(const FaultyDisk& disk, engine::Engine& engine, Told& told, Seen& seen) {
  seen.refused.insert(disk.files->failed().value_or("none"));
  disk.files->heal();
  const auto healed = steady_clock::now();
  while (!told.send(engine, kBatch)) {
    ASSERT_LT(steady_clock::now() - healed, kRecoversWithin) << told.why();
    std::this_thread::sleep_for(milliseconds{5});
  }
  const auto time = std::chrono::ceil<milliseconds>(steady_clock::now() - healed);
  seen.longest = std::max(seen.longest, time);
  EXPECT_FALSE(engine.store().state().failure);
  EXPECT_GT(engine.store().state().reopened, 0u);
}

struct Failing {
  std::string kind;
  uint64_t nth = 1;
  Fault fault = Fault::Eio;
  Lasts lasts = Lasts::Once;
};

void fail_and_come_back(const Failing& failing, Seen& seen) {
  SCOPED_TRACE(fmt::format("{} fails, the {}th, fault {}, {}", failing.kind, failing.nth,
                           static_cast<int>(failing.fault),
                           failing.lasts == Lasts::Once ? "once" : "until it is healed"));
  const FaultyDisk disk;
  Told told;
  disk.files->fail_at(failing.kind, failing.nth, failing.fault,
                      failing.lasts == Lasts::UntilHealed);
  auto engine = disk.open();
  if (!engine) {
    seen.not_started.insert(failing.kind);
    disk.files->heal();
    engine = disk.open();
  }
  ASSERT_TRUE(engine) << engine.error().message;
  // Where writing in the background fails, batches may be acknowledged for a while.
  for (int i = 0; i < 3 * kBatches && !::testing::Test::HasFailure(); ++i) {
    if (told.send(**engine, kBatch)) continue;
    if (failing.lasts == Lasts::UntilHealed) {
      EXPECT_FALSE(told.send(**engine, kBatch));
      EXPECT_TRUE((*engine)->store().state().failure);
      told.check(**engine);
    }
    expect_recovery(disk, **engine, told, seen);
    break;
  }
  told.check(**engine);
  disk.files->heal();
  engine->reset();
  const auto again = disk.open_well();
  ASSERT_TRUE(again);
  told.check(*again);
}

/// How often each kind is called by a start alone.
std::map<std::string, uint64_t> calls_of_a_start() {
  const FaultyDisk disk;
  const auto engine = disk.open();
  EXPECT_TRUE(engine);
  std::map<std::string, uint64_t> calls;
  for (const std::string& call : disk.files->calls()) ++calls[call];
  return calls;
}

/// Every kind, at the start and after it. With `each` 0 once, by another fault each time; otherwise
/// the first `each` times, in all ways.
std::vector<Failing> ways_to_fail(const std::set<std::string>& kinds) {
  constexpr Fault kFaults[] = {Fault::Eio, Fault::NoSpace, Fault::Short};
  auto at_start = calls_of_a_start();
  std::vector<Failing> ways;
  const auto add = [&](const std::string& kind, uint64_t nth) {
    if (each == 0) return ways.push_back({kind, nth, kFaults[nth % 3], Lasts::UntilHealed});
    for (const Fault fault : kFaults)
      for (const Lasts lasts : {Lasts::Once, Lasts::UntilHealed})
        ways.push_back({kind, nth, fault, lasts});
  };
  for (const std::string& kind : kinds)
    for (uint64_t i = 1; i <= std::max<size_t>(each, 1); ++i) {
      if (i <= at_start[kind]) add(kind, i);
      add(kind, at_start[kind] + i);
    }
  // An acknowledgement waits for these.
  for (const char* kind : {"append log", "sync log"})
    for (const Fault fault : kFaults) ways.push_back({kind, 3, fault, Lasts::Once});
  // A list of files that was not synced may be there all the same, and name what was just taken in.
  for (uint64_t i = 1; i <= 6; ++i)
    ways.push_back({"sync MANIFEST", at_start["sync MANIFEST"] + i, Fault::Eio, Lasts::Once});
  // Several tables may be due for another log at once.
  for (uint64_t i = 1; i <= 3; ++i)
    ways.push_back({"create log", at_start["create log"] + i, Fault::Eio, Lasts::Once});
  return ways;
}

TEST(DiskRecovery, EventsComeBackWithoutARestartAndEachIsThereOnce) {
  const auto calls = calls_of_a_run();
  const std::set<std::string> kinds(calls.begin(), calls.end());
  Seen seen;
  const auto ways = ways_to_fail(kinds);
  for (const Failing& failing : ways)
    if (!::testing::Test::HasFailure()) fail_and_come_back(failing, seen);
  fmt::print(
      "{} kinds of calls failed in {} ways: {} refused the start, {} a batch; events were "
      "taken again {} ms after the disk came back at the latest\n",
      kinds.size(), ways.size(), seen.not_started.size(), seen.refused.size(),
      seen.longest.count());
  EXPECT_GT(seen.not_started.size(), 3u);
  for (const char* kind : {"append log", "sync log", "append sst", "sync sst", "append run",
                           "sync run", "link sst", "append MANIFEST"})
    EXPECT_TRUE(seen.refused.contains(kind)) << "no batch was refused for: " << kind;
}

TEST(DiskRecovery, SnapshotsOutliveTheClosing) {
  const FaultyDisk disk;
  Told told;
  const auto engine = disk.open();
  ASSERT_TRUE(engine && told.send(**engine, kBatch));
  auto before = (*engine)->store().snapshot();
  const auto events_of = [](const engine::View& view) {
    int events = 0;
    EXPECT_TRUE(view.scan(engine::Table::Identities, "", "\xff",
                          [&](std::string_view, std::string_view) { return ++events > 0; }));
    return events;
  };
  disk.files->fail_at(disk.files->calls().size() + 1, Fault::Eio, false);
  EXPECT_FALSE(told.send(**engine, kBatch));
  std::this_thread::sleep_for(milliseconds{700});  // it was to be closed meanwhile
  EXPECT_EQ(events_of(*before), kBatch);
  EXPECT_EQ((*engine)->store().state().reopened, 0u) << "one folder was open twice";
  before.reset();
  Seen seen;
  expect_recovery(disk, **engine, told, seen);
  EXPECT_EQ(events_of((*engine)->store()), static_cast<int>(told.acknowledged()));
}

}  // namespace
}  // namespace toll::faults

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  using toll::faults::each;
  if (argc > 1 && !(toll::testing::read_number(argv[1], each) && each > 0)) {
    fmt::print(stderr, "usage: disk_recovery_test [EACH]\n");
    return 2;
  }
  return RUN_ALL_TESTS();
}
