#include "server/keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <vector>

#include "base/sha256.h"
#include "server/keys/key_ring.h"
#include "server/keys/token.h"
#include "server/limits/token_bucket.h"
#include "tests/support/scratch_folder.h"

namespace toll::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant moment(std::string_view text) { return *parse_instant(text); }
const Instant kNow = moment("2026-03-01T12:00:00Z");

class KeyFile : public ::testing::Test {
 protected:
  std::string path() const { return (scratch_.path() / "keys").string(); }
  std::string text() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(std::string_view text) const { scratch_.save("keys", text); }
  NewKey create(const KeyWish& wish) {
    auto made = create_key(path(), wish, kNow);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
  }
  static Scopes scopes(std::string_view words) { return *Scopes::parse(words); }

  testing::ScratchFolder scratch_;
};

TEST_F(KeyFile, HoldsEverythingButTheSecret) {
  const NewKey made = create({"checkout",
                              scopes("cards:read quotes:read"),
                              {},
                              RateLimit{100, 200},
                              moment("2027-01-01T00:00:00Z")});
  const NewKey other = create({"acme's page", scopes("usage:read"), "acme"});
  const auto keys = read_keys(path());
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(*keys, (std::vector<ApiKey>{made.key, other.key}));
  EXPECT_EQ(keys->front().hash, sha256(made.token));
  EXPECT_EQ(keys->front().scopes.to_string(), "quotes:read cards:read");
  EXPECT_FALSE(text().contains(made.token.substr(14)));
  EXPECT_NE(made.token, other.token);
  struct stat about{};
  ASSERT_EQ(stat(path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(KeyFile, RevokesForGood) {
  const NewKey made = create({"a", scopes("admin")});
  const auto first = revoke_key(path(), made.key.id, kNow + seconds{1});
  ASSERT_TRUE(first);
  const auto again = revoke_key(path(), made.key.id, kNow + seconds{9});
  EXPECT_EQ(again->revoked, kNow + seconds{1}) << "it was revoked before";
  EXPECT_EQ(read_keys(path())->front().revoked, kNow + seconds{1});
  EXPECT_FALSE(revoke_key(path(), "00000000", kNow));
  EXPECT_FALSE(revoke_key(path() + "x", made.key.id, kNow));
  EXPECT_FALSE(std::filesystem::exists(path() + "x"));
}

TEST_F(KeyFile, LosesNothingWhenManyWriteIt) {
  std::vector<std::jthread> writers;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&] {
      for (int k = 0; k < 10; ++k) create({"k", scopes("quotes:read")});
    });
  writers.clear();
  const auto keys = read_keys(path());
  ASSERT_TRUE(keys);
  std::set<std::string> ids;
  for (const ApiKey& key : *keys) ids.insert(key.id);
  EXPECT_EQ(ids.size(), 40u);
}

TEST_F(KeyFile, RefusesWhatItDoesNotUnderstand) {
  create({"a", scopes("quotes:read")});
  const std::string good = text();
  const auto refused = [&](std::string_view from, std::string_view to) {
    std::string changed = good;
    const size_t at = changed.find(from);
    EXPECT_NE(at, changed.npos) << from;
    changed.replace(at, from.size(), to);
    write(changed);
    const auto keys = read_keys(path());
    return keys ? std::string("understood") : keys.error().message.substr(path().size());
  };
  EXPECT_EQ(refused("quotes:read", "quotes:raed"), ":1: there is no scope `quotes:raed`");
  EXPECT_EQ(refused("\"quotes:read\"", "\" \""), ":1: no scope is named");
  EXPECT_EQ(refused("\"name\"", "\"nmae\""), ":1: /nmae there is no field `nmae`");
  EXPECT_EQ(refused("sha256:", "md5:"), ":1: `hash` is not `sha256:` and 64 hexadecimal digits");
  EXPECT_EQ(refused("2026-03-01T", "2026-13-01T"),
            ":1: `2026-13-01T12:00:00Z` of `created` is not like 2026-03-31T12:00:00Z");
  EXPECT_EQ(refused("\"name\"", "\"rate\":\"0\",\"name\""),
            ":1: `0` of `rate` is not a number from 1 to 1000000");
  EXPECT_EQ(refused("\"name\"", "\"burst\":\"5\",\"name\""), ":1: `burst` stands without `rate`");
  EXPECT_EQ(refused("}\n", "}\n{"), ":2: is not a JSON object");
  EXPECT_EQ(refused("}\n", "}\n" + good), ":2: the id stands twice");
  write(good);
  chmod(path().c_str(), 0622);
  EXPECT_TRUE(read_keys(path()).error().message.contains("`chmod go-w` it"));
  EXPECT_FALSE(read_keys(path() + "x"));
  EXPECT_FALSE(read_keys(scratch_.path().string()));
}

TEST(Token, IsTakenApartStrictly) {
  const std::string token = *make_token();
  ASSERT_EQ(token.size(), 57u);
  EXPECT_EQ(id_of_token(token), token.substr(5, 8));
  EXPECT_EQ(id_of_token(token + "x"), std::nullopt);
  EXPECT_EQ(id_of_token(token.substr(1)), std::nullopt);
  for (const size_t place : {0u, 4u, 5u, 13u, 20u, 56u}) {
    std::string other = token;
    other[place] = '!';
    EXPECT_EQ(id_of_token(other), std::nullopt) << place;
  }
}

TEST(ScopesTest, AdminIsAllOfThem) {
  const Scopes admin = *Scopes::parse("admin");
  const Scopes one = *Scopes::parse("quotes:read,usage:read");
  for (const std::string_view scope : kScopes) {
    EXPECT_TRUE(admin.allow(scope));
    EXPECT_EQ(one.allow(scope), scope == "quotes:read" || scope == "usage:read") << scope;
  }
  EXPECT_FALSE(one.allow("no:scope"));
}

TEST(KeyRingTest, LetsInWhoHasAGoodKey) {
  const std::string token = *make_token();
  ApiKey key{.id = std::string(*id_of_token(token)),
             .name = "a",
             .hash = sha256(token),
             .scopes = *Scopes::parse("admin"),
             .created = kNow};
  const auto why = [&](const ApiKey& held, std::string_view given) {
    const KeyRing ring({held}, {});
    const auto found = ring.find(given, kNow);
    return found ? std::string("in") : found.error();
  };
  EXPECT_EQ(why(key, token), "in");
  std::string wrong = token;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(why(key, wrong), "the key is not known here");
  EXPECT_EQ(why(key, *make_token()), "the key is not known here");
  EXPECT_EQ(why(key, "toll_"), "the key is not known here");
  key.expires = kNow + seconds{1};
  EXPECT_EQ(why(key, token), "in");
  key.expires = kNow;
  EXPECT_EQ(why(key, token), "the key expired at 2026-03-01T12:00:00Z");
  EXPECT_EQ(why(key, wrong), "the key is not known here") << "told only to who has the key";
  key.revoked = kNow;
  EXPECT_EQ(why(key, token), "the key was revoked at 2026-03-01T12:00:00Z");
}

TEST(KeyRingTest, AFileThatIsReadAgainEmptiesNoBucket) {
  const ApiKey key{.id = "00000001",
                   .name = "a",
                   .hash = std::string(32, 'x'),
                   .scopes = *Scopes::parse("admin"),
                   .created = kNow};
  const KeyRing before({key}, {});
  const KeyRing after({key}, before);
  EXPECT_EQ(before.find_id("00000001")->use, after.find_id("00000001")->use);
}

class Bucket : public ::testing::Test {
 protected:
  bool take(milliseconds at) {
    return bucket_.take(limit_, Clock::time_point(seconds{1000} + at)).allowed;
  }
  TokenBucket::Taken taken(milliseconds at) {
    return bucket_.take(limit_, Clock::time_point(seconds{1000} + at));
  }
  using Clock = TokenBucket::Clock;

  RateLimit limit_{10, 3};
  TokenBucket bucket_;
};

TEST_F(Bucket, GivesABurstAndThenTheRate) {
  EXPECT_EQ(taken(milliseconds{0}).left, 2u);
  EXPECT_EQ(taken(milliseconds{0}).left, 1u);
  EXPECT_EQ(taken(milliseconds{0}).left, 0u);
  const auto refused = taken(milliseconds{0});
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.wait, milliseconds{100});
  EXPECT_EQ(refused.full, milliseconds{300});
  EXPECT_FALSE(take(milliseconds{99}));
  EXPECT_TRUE(take(milliseconds{100}));
  EXPECT_FALSE(take(milliseconds{100}));
  int allowed = 0;
  for (int at = 101; at <= 1100; ++at) allowed += take(milliseconds{at}) ? 1 : 0;
  EXPECT_EQ(allowed, 10) << "those of one second";
}

TEST_F(Bucket, IsFullAgainAfterAPauseAndNeverMore) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(milliseconds{0}));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(milliseconds{60'000}));
  EXPECT_FALSE(take(milliseconds{60'000}));
}

TEST_F(Bucket, WhatIsOwedIsWaitedForAtMostAMinute) {
  bucket_.owe(limit_, 13, Clock::time_point(seconds{1000}));
  EXPECT_FALSE(take(milliseconds{1099}));
  EXPECT_TRUE(take(milliseconds{1100}));
  bucket_.owe(limit_, UINT64_MAX, Clock::time_point(seconds{1002}));
  EXPECT_FALSE(take(milliseconds{60'000}));
  EXPECT_TRUE(take(milliseconds{62'200}));
}

TEST_F(Bucket, ThreadsTogetherGetNoMore) {
  std::atomic<int> allowed = 0;
  std::vector<std::jthread> threads;
  limit_ = {1000, 1000};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) allowed += take(milliseconds{0}) ? 1 : 0;
    });
  threads.clear();
  EXPECT_EQ(allowed, 1000);
}

}  // namespace
}  // namespace toll::server
