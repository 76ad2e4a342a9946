// kill -9 of a process that writes identities in runs of a hundred, so that it dies before, in and
// after each step by which a run takes the place of the rows of its log. The service itself is
// killed by tests/crash; its runs are half a million identities long.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <set>

#include "engine/audit.h"
#include "engine/storage/rocksdb_store.h"
#include "metering/read_events.h"
#include "tests/faults/told.h"
#include "tests/support/scratch_folder.h"

namespace toll::faults {
namespace {

constexpr int kKills = 25;
constexpr int kEvents = 60;  // of a batch
constexpr const char* kWhose = "t";
constexpr int kForgotten = -1;  // said of a batch in which a recorded event was new

Result<std::unique_ptr<engine::Engine>> open(const std::filesystem::path& folder) {
  auto store =
      engine::open_store_with(folder, {.memtable_bytes = size_t{64} << 10, .run_identities = 100});
  if (!store) return std::unexpected(store.error());
  return engine::Engine::open(std::move(*store));
}

/// Whether the batch was acknowledged, and each of its events that is below `recorded` known.
int send(engine::Engine& engine, int batch, int recorded) {
  metering::EventReader reader;
  engine::Candidates candidates(kWhose);
  std::vector<int> ids;
  for (int i = 0; i < kEvents; ++i) ids.push_back(batch * kEvents + i);
  for (int id = batch % 7; id < recorded; id += 97) ids.push_back(id);
  for (const int id : ids) {
    const std::string text = event_text(id);
    candidates.add(*reader.read(text), text, false, {}, {});
  }
  const auto judged = engine.ingest(std::move(candidates));
  if (!judged) return kForgotten;
  for (size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < recorded && (*judged)[i].verdict != engine::Verdict::Duplicate) return kForgotten;
  return batch;
}

/// Sends from the batch on until it is killed, and says each that was acknowledged.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, int batch, int told) {
  auto engine = open(folder);
  const int recorded = batch * kEvents;
  for (; engine; ++batch) {
    const int said = send(**engine, batch, recorded);
    if (write(told, &said, sizeof said) != sizeof said || said == kForgotten) break;
  }
  _exit(1);
}

struct Life {
  int acknowledged;  ///< the last batch
  bool forgot = false;
};

/// A process of its own that is killed after a while: what it was told.
Life live(const std::filesystem::path& folder, int batch, std::chrono::microseconds while_) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) write_until_killed(folder, batch, ends[1]);
  close(ends[1]);
  Life life{batch - 1};
  int said = 0;
  const auto hear = [&] {
    if (read(ends[0], &said, sizeof said) != sizeof said) return false;
    if (said == kForgotten) life.forgot = true;
    if (said != kForgotten) life.acknowledged = said;
    return !life.forgot;
  };
  if (hear()) {  // it is open
    usleep(static_cast<useconds_t>(while_.count()));
  }
  kill(child, SIGKILL);
  while (hear()) {
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return life;
}

/// What is recorded, each once; fails the test otherwise.
std::set<int> recorded(const engine::Engine& engine) {
  std::set<int> found;
  for (const char* customer : {"acme", "globex", "initech"}) {
    const auto read =
        engine.record(kWhose, customer, Instant{}, *parse_instant("2199-01-01T00:00:00Z"),
                      [&](const engine::RecordedEvent& one) {
                        const auto event = metering::EventReader().read(one.text);
                        EXPECT_TRUE(found.insert(std::stoi(event->id)).second);
                        return true;
                      });
    EXPECT_TRUE(read) << read.error().message;
  }
  return found;
}

TEST(Kill, NeitherLosesNorForgetsAnEventWhileIdentitiesMoveIntoRuns) {
  const testing::ScratchFolder scratch;
  const auto folder = scratch.path() / "data";
  std::mt19937 random(1);
  int batch = 0;
  for (int i = 0; i < kKills && !HasFailure(); ++i) {
    SCOPED_TRACE(fmt::format("kill {}", i));
    const Life life = live(folder, batch, std::chrono::microseconds(random() % 30'000));
    EXPECT_FALSE(life.forgot) << "a recorded event was new, or a batch refused";
    EXPECT_GE(life.acknowledged, batch);
    const auto engine = open(folder);
    ASSERT_TRUE(engine) << engine.error().message;
    const auto audited = engine::audit((*engine)->store());
    ASSERT_TRUE(audited) << audited.error().message;
    for (const std::string& difference : audited->differences) ADD_FAILURE() << difference;
    const std::set<int> found = recorded(**engine);
    const int acknowledged = (life.acknowledged + 1) * kEvents;
    for (int id = 0; id < acknowledged; ++id) ASSERT_TRUE(found.contains(id)) << id;
    // At most one batch was on its way, and came whole or not at all.
    EXPECT_TRUE(std::ssize(found) == acknowledged || std::ssize(found) == acknowledged + kEvents);
    batch = static_cast<int>(found.size()) / kEvents;
  }
  EXPECT_GT(batch * kEvents, 20 * 100) << "too few runs were written to say anything";
}

}  // namespace
}  // namespace toll::faults
