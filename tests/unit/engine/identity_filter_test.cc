// What the filter proves new was never accepted; what it cannot prove costs a look into the store.
#include "engine/writing/identity_filter.h"

#include <gtest/gtest.h>

#include "engine/storage/keys.h"
#include "engine/writing/group.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {
namespace {

uint64_t fingerprint(int id) {
  return IdentityFilter::fingerprint(identity_key("t", "/s", std::to_string(id)));
}

void put_identities(MemoryStore& store, int count) {
  Batch batch;
  for (int id = 0; id < count; ++id)
    batch.put(Table::Identities, identity_key("t", "/s", std::to_string(id)), "x");
  ASSERT_TRUE(store.write(batch));
}

TEST(BloomFilter, HasAllThatWasAddedAndLittleElse) {
  constexpr int kCount = 100'000;
  BloomFilter filter(kCount);
  for (int id = 0; id < kCount; ++id) filter.add(fingerprint(id));
  EXPECT_TRUE(filter.full());
  for (int id = 0; id < kCount; ++id) ASSERT_TRUE(filter.may_have(fingerprint(id)));
  int wrong = 0;
  for (int id = kCount; id < 2 * kCount; ++id) wrong += filter.may_have(fingerprint(id));
  EXPECT_LT(wrong, kCount / 100);
  EXPECT_EQ(BloomFilter::bytes_for(kCount), (kCount * 16 / 512 + 1) * 64u);
}

TEST(IdentityFilter, KnowsWhatTheStoreHadAndWhatCameSince) {
  MemoryStore store;
  put_identities(store, 1000);
  IdentityFilter filter(store, 1000, 1 << 20);
  filter.wait();
  ASSERT_TRUE(filter.ready());
  for (int id = 0; id < 1000; ++id) ASSERT_FALSE(filter.proves_new(fingerprint(id)));
  EXPECT_TRUE(filter.proves_new(fingerprint(5000)));
  EXPECT_FALSE(filter.may_have_come(fingerprint(5000)));
  filter.add(fingerprint(5000));
  EXPECT_FALSE(filter.proves_new(fingerprint(5000)));
  EXPECT_TRUE(filter.may_have_come(fingerprint(5000)));
}

TEST(IdentityFilter, ReadsWhatIsThereWhateverItWasToldThereIs) {
  MemoryStore store;
  put_identities(store, 1000);
  IdentityFilter filter(store, 0, 1 << 20);
  filter.wait();
  for (int id = 0; id < 1000; ++id) ASSERT_FALSE(filter.proves_new(fingerprint(id)));
}

TEST(IdentityFilter, ProvesNothingBeyondItsMemory) {
  MemoryStore store;
  put_identities(store, 10'000);
  IdentityFilter small(store, 10'000, 1000);
  small.wait();
  EXPECT_FALSE(small.proves_new(fingerprint(1 << 20)));
  // Room for the first identities that come, and none for more.
  const MemoryStore empty{};
  IdentityFilter growing(empty, 0, BloomFilter::bytes_for(0) + BloomFilter::bytes_for(1 << 18));
  growing.wait();
  for (int id = 0; id < (1 << 18); ++id) growing.add(fingerprint(id));
  EXPECT_TRUE(growing.proves_new(fingerprint(1 << 20)));
  growing.add(fingerprint(1 << 18));
  EXPECT_FALSE(growing.ready());
  EXPECT_FALSE(growing.proves_new(fingerprint(1 << 20)));
  EXPECT_TRUE(growing.may_have_come(fingerprint(1 << 20)));
}

/// Whether the filter is there, can prove something or not, makes no difference to a verdict.
TEST(IdentityFilter, ChangesNoVerdict) {
  for (const size_t bytes : {size_t{0}, size_t{1} << 26}) {
    auto store = std::make_unique<MemoryStore>();
    MemoryStore* const rows = store.get();
    auto engine = *Engine::open(std::move(store), {.filter_bytes_max = bytes});
    const auto twice = {candidate({.id = "1"}), candidate({.id = "1"}),
                        candidate({.id = "1", .data = R"({"a":1})"}), candidate({.id = "2"})};
    EXPECT_EQ(
        verdicts(engine->ingest("t", twice)),
        (std::vector{Verdict::Accepted, Verdict::Duplicate, Verdict::Conflict, Verdict::Accepted}));
    EXPECT_EQ(verdicts(engine->ingest("t", twice)),
              (std::vector{Verdict::Duplicate, Verdict::Duplicate, Verdict::Conflict,
                           Verdict::Duplicate}));
    EXPECT_EQ(verdicts(engine->ingest("u", {candidate({.id = "1"})})),
              (std::vector{Verdict::Accepted}));
    // In one group over what the store had: the filter is not told of it.
    Group group(*rows, 3, {});
    Candidates again("t");
    for (const Candidate& one : twice) again.add(one);
    again.add(candidate({.id = "3"}));
    again.seal();
    const auto judged = group.ingest(again);
    ASSERT_TRUE(judged);
    EXPECT_EQ(judged->back().verdict, Verdict::Accepted);
    EXPECT_EQ(judged->front().verdict, Verdict::Duplicate);
  }
}

}  // namespace
}  // namespace toll::engine
