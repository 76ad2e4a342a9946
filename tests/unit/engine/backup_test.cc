// A backup is taken while events come in, and what is restored of it is a store like another.
#include "engine/backup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "engine/audit.h"
#include "engine/storage/rocksdb_store.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {
namespace {

class Backup : public ::testing::Test {
 protected:
  std::filesystem::path folder(const char* name) const { return scratch_.path() / name; }
  std::unique_ptr<Engine> open(const char* name) const {
    // Identities go into files while they are copied.
    auto store = open_store_with(folder(name), {.run_identities = 1000});
    EXPECT_TRUE(store) << store.error().message;
    return *Engine::open(std::move(*store));
  }
  testing::ScratchFolder scratch_;
};

TEST_F(Backup, HoldsAllThatWasAcknowledgedBeforeIt) {
  const auto engine = open("data");
  std::atomic<int> acknowledged = 0;
  std::jthread sender([&](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); i += 20) {
      std::vector<Candidate> candidates;
      for (int k = i; k < i + 20; ++k) candidates.push_back(candidate({.id = std::to_string(k)}));
      EXPECT_TRUE(engine->ingest("t", candidates));
      acknowledged = i + 20;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // as a disk would take
    }
  });
  while (acknowledged < 500) std::this_thread::yield();
  for (const char* name : {"first", "second"}) {
    const int before = acknowledged;
    const auto copied = copy_store(folder("data"), folder(name));
    ASSERT_TRUE(copied) << copied.error().message;
    EXPECT_GE(copied->events, static_cast<uint64_t>(before));
  }
  sender.request_stop();
  sender.join();
  ASSERT_TRUE(copy_store(folder("second"), folder("restored")));
  const auto restored = open("restored");
  const auto events = recorded(*restored, "t", "acme");
  EXPECT_EQ(audit(restored->store())->difference_count, 0u);
  EXPECT_EQ(audit(restored->store())->events, events.size());
  EXPECT_GE(events.size(), 500u);
  // What it has is a duplicate there too.
  EXPECT_EQ(verdicts(restored->ingest("t", {candidate({.id = "0"}), candidate({.id = "new"})})),
            (std::vector{Verdict::Duplicate, Verdict::Accepted}));
}

TEST_F(Backup, WritesOverNothing) {
  ASSERT_TRUE(open("data")->ingest("t", {candidate({})}));
  ASSERT_TRUE(copy_store(folder("data"), folder("copy")));
  const auto again = copy_store(folder("data"), folder("copy"));
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("is there already"), std::string::npos);
  std::filesystem::create_directory(folder("other.partial"));
  EXPECT_FALSE(copy_store(folder("data"), folder("other")));
  std::filesystem::create_directory(folder("empty"));
  EXPECT_TRUE(copy_store(folder("data"), folder("empty")));
}

TEST_F(Backup, AppearsOnlyWithTheRest) {
  ASSERT_TRUE(open("data")->ingest("t", {candidate({})}));
  const auto failed = copy_store(
      folder("data"), folder("copy"),
      [](const std::filesystem::path&) -> Result<void> { return std::unexpected(Error{"no"}); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "no");
  EXPECT_FALSE(std::filesystem::exists(folder("copy")));
  EXPECT_FALSE(std::filesystem::exists(folder("copy.partial")));
  ASSERT_TRUE(copy_store(folder("data"), folder("copy"),
                         [&](const std::filesystem::path& copy) -> Result<void> {
                           EXPECT_FALSE(std::filesystem::exists(folder("copy")));
                           std::ofstream(copy / "rest") << "rest";
                           return {};
                         }));
  EXPECT_TRUE(std::filesystem::exists(folder("copy") / "rest"));
}

TEST_F(Backup, IsOfAStoreOnly) {
  std::filesystem::create_directory(folder("none"));
  EXPECT_FALSE(copy_store(folder("none"), folder("copy")));
  EXPECT_FALSE(std::filesystem::exists(folder("copy")));
  EXPECT_FALSE(std::filesystem::exists(folder("copy.partial")));
}

}  // namespace
}  // namespace toll::engine
