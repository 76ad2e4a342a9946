// Identities go from the log into files while others come, and nobody who reads sees a difference.
#include "engine/storage/recent_identities.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "engine/storage/keys.h"
#include "engine/storage/rocksdb_store.h"
#include "tests/support/scratch_folder.h"

namespace toll::engine {
namespace {

using Model = std::map<std::string, std::string, std::less<>>;

constexpr uint64_t kAllRows = uint64_t{1} << 60;

std::string random_key(std::mt19937& random, unsigned of) {
  const unsigned number = random() % of;
  return identity_key("t", number % 3 ? "/gateway" : "/gateway/eu-1", std::to_string(number));
}

Model model_of(const SortedIdentities& sorted) {
  Model model;
  for (const auto& one : sorted.all()) EXPECT_TRUE(model.emplace(one.key, one.value).second);
  EXPECT_TRUE(
      std::ranges::is_sorted(sorted.all(), std::less<>(), &SortedIdentities::Identity::key));
  return model;
}

TEST(RecentIdentities, HaveWhatCameLastUnderEachKeyBeforeAnyRow) {
  std::mt19937 random(1);
  const auto identities = std::make_shared<RecentIdentities>();
  std::vector<Model> before(1);  // of so many rows
  std::vector<std::string> texts;
  for (uint64_t number = 0; number < 60; ++number) {
    Model model = before.back();
    IdentityLogRow written, row;
    std::vector<std::string> keys(1 + random() % 50);
    for (std::string& key : keys) {
      key = random_key(random, 1500);
      const std::string value(random() % 40, static_cast<char>('a' + random() % 26));
      written.add(key, value);
      model[key] = value;
    }
    ASSERT_TRUE(row.read(written.bytes()));
    EXPECT_EQ(row.bytes(), written.bytes());
    identities->add(number, number % 2 ? row : written);
    before.push_back(std::move(model));
  }
  for (uint64_t until = 0; until < before.size(); ++until) {
    for (unsigned number = 0; number < 1500; number += 7) {
      const std::string key =
          identity_key("t", number % 3 ? "/gateway" : "/gateway/eu-1", std::to_string(number));
      const auto known = before[until].find(key);
      EXPECT_EQ(identities->find(key, until),
                known == before[until].end() ? std::nullopt : std::optional(known->second));
    }
    if (until % 10 != 0) continue;
    EXPECT_EQ(model_of({{identities}, until}), before[until]);
  }
  EXPECT_EQ(identities->begin(), 0u);
  EXPECT_EQ(identities->end(), 60u);
}

TEST(RecentIdentities, ReadNoDamagedRow) {
  IdentityLogRow written;
  std::vector<std::string> keys;
  for (int i = 0; i < 40; ++i) keys.push_back(identity_key("t", "/s", std::to_string(100 + i)));
  for (const std::string& key : keys) written.add(key, "place");
  const std::string whole(written.bytes());
  IdentityLogRow row;
  int read = 0;
  for (size_t size = 0; size < whole.size(); ++size) read += row.read(whole.substr(0, size));
  EXPECT_EQ(read, 2) << "a row can only end where a group does";
  EXPECT_TRUE(row.read(whole));
  EXPECT_FALSE(row.read(whole + '\x11'));
}

class IdentityLog : public ::testing::Test {
 protected:
  static constexpr size_t kRun = 100;

  std::unique_ptr<Store> open() const {
    auto store = open_store_with(folder(), {.run_identities = kRun});
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  std::filesystem::path folder() const { return scratch_.path() / "data"; }

  size_t files() const {
    return static_cast<size_t>(std::ranges::count_if(
        std::filesystem::directory_iterator(folder() / "rocksdb"),
        [](const auto& entry) { return entry.path().extension() == ".sst"; }));
  }

  testing::ScratchFolder scratch_;
};

Model identities_of(const View& view, std::string_view from = kFirstKey,
                    std::string_view until = kBehindAllKeys) {
  Model model;
  EXPECT_TRUE(
      view.scan(Table::Identities, from, until, [&](std::string_view key, std::string_view value) {
        EXPECT_TRUE(model.empty() || model.rbegin()->first < key);
        model.emplace(key, value);
        return true;
      }));
  return model;
}

void expect_same(const View& view, const View& model, std::mt19937& random) {
  EXPECT_EQ(identities_of(view), identities_of(model));
  const std::string from = random_key(random, 5000), until = random_key(random, 5000);
  EXPECT_EQ(identities_of(view, from, until), identities_of(model, from, until));
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.push_back(random_key(random, 5000));
  const std::vector<std::string_view> asked(keys.begin(), keys.end());
  EXPECT_EQ(*view.get_many(Table::Identities, asked), *model.get_many(Table::Identities, asked));
  EXPECT_EQ(*view.get(Table::Identities, keys[0]), *model.get(Table::Identities, keys[0]));
  EXPECT_EQ(*view.get(Table::State, "n"), *model.get(Table::State, "n"));
}

TEST_F(IdentityLog, IsNotSeenFromOutside) {
  std::mt19937 random(7);
  MemoryStore model;
  auto store = open();
  std::unique_ptr<const View> past, past_of_model;
  for (int i = 0; i < 150; ++i) {
    Batch batch;
    batch.put(Table::State, "n", std::to_string(i));
    for (unsigned k = random() % 40; k > 0; --k)
      batch.put(Table::Identities, random_key(random, 5000), std::to_string(i));
    ASSERT_TRUE(store->write(batch));
    ASSERT_TRUE(model.write(batch));
    if (i % 10 == 0) expect_same(*store, model, random);
    if (i % 25 == 5) {
      past = store->snapshot();
      past_of_model = model.snapshot();
    }
    if (i % 25 == 20) expect_same(*past, *past_of_model, random);
    if (i % 40 == 39) {
      past.reset();
      store.reset();
      store = open();
      past = store->snapshot();
      past_of_model = model.snapshot();
    }
  }
  expect_same(*store, model, random);
  EXPECT_GT(files(), 0u) << "none went into a file";
  past.reset();
  const auto view = open_view(folder(), scratch_.path() / "view");
  ASSERT_TRUE(view) << view.error().message;
  expect_same(**view, model, random);
  store.reset();
  expect_same(*open(), model, random);
}

/// What is left of a run that was cut off may be a file of the database by another name.
TEST_F(IdentityLog, WritesOverNoFileOfTheDatabase) {
  const auto put = [](Store& store, int from) {
    Batch batch;
    for (int i = 0; i < static_cast<int>(kRun); ++i)
      batch.put(Table::Identities, identity_key("t", "/s", std::to_string(from + i)), "place");
    ASSERT_TRUE(store.write(batch));
  };
  auto store = open();
  put(*store, 1000);
  while (files() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  store.reset();
  for (const auto& entry : std::filesystem::directory_iterator(folder() / "rocksdb"))
    if (entry.path().extension() == ".sst")
      std::filesystem::create_hard_link(entry.path(), folder() / "identities.run");
  ASSERT_TRUE(std::filesystem::exists(folder() / "identities.run"));
  store = open();
  put(*store, 2000);
  put(*store, 3000);
  while (std::filesystem::exists(folder() / "identities.run") || files() < 2)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  store.reset();
  EXPECT_EQ(identities_of(*open()).size(), 3 * kRun);
}

/// Before there was a log each identity was a row of the table when it came.
void make_old(const std::filesystem::path& folder, const Model& identities) {
  std::vector<rocksdb::ColumnFamilyDescriptor> tables;
  for (const char* name : {"default", "state", "identities", "events", "days", "identity_log"})
    tables.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, (folder / "rocksdb").string(), tables, &opened, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  for (const auto& [key, value] : identities) EXPECT_TRUE(db->Put({}, opened[2], key, value).ok());
  EXPECT_TRUE(db->DropColumnFamily(opened.back()).ok());
  for (rocksdb::ColumnFamilyHandle* table : opened) db->DestroyColumnFamilyHandle(table);
}

TEST_F(IdentityLog, IsNotMissedInAFolderThatHasNone) {
  open();
  Model model = {{identity_key("t", "/s", "1"), "place"}, {identity_key("t", "/s", "2"), "other"}};
  make_old(folder(), model);
  const auto seen = open_view(folder(), scratch_.path() / "view");
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(identities_of(**seen), model);
  const auto store = open();
  EXPECT_EQ(store->get(Table::Identities, model.begin()->first)->value(), "place");
  Batch batch;
  for (int i = 2; i < 2 + 3 * static_cast<int>(kRun); ++i) {
    const std::string key = identity_key("t", "/s", std::to_string(i));
    batch.put(Table::Identities, key, "new");
    model[key] = "new";
  }
  ASSERT_TRUE(store->write(batch));
  EXPECT_EQ(identities_of(*store), model);
}

}  // namespace
}  // namespace toll::engine
