#include "runtime/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>

#include "runtime/watcher.h"
#include "tests/support/live.h"

namespace toll::runtime {
namespace {

namespace fs = std::filesystem;

/// A folder of cards that is removed at the end of the test.
class CardFolder {
 public:
  CardFolder() {
    static int count = 0;
    path_ = fs::temp_directory_path() /
            ("toll_cards_" + std::to_string(getpid()) + "_" + std::to_string(count++));
    fs::create_directories(path_);
  }
  ~CardFolder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

  void save(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / (name + ".new")) << text;
    fs::rename(path_ / (name + ".new"), path_ / name);
  }
  void remove(const std::string& name) const { fs::remove(path_ / name); }

 private:
  fs::path path_;
};

std::string card(const std::string& name, const std::string& price, const std::string& more = "") {
  return "toll 1\nunit call, calls\nmeter calls counts call\ncard " + name +
         " \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n\n"
         "  charge calls\n    at " +
         price + " USD per call\n" + more;
}

Loaded load(const CardFolder& folder, const CardSet& previous = {}) {
  return load_folder(folder.path(), testing::native_compiler(), {}, previous).value();
}

std::vector<std::string> names(const CardSet& cards) {
  std::vector<std::string> result;
  for (const auto& [name, versions] : cards.cards()) result.push_back(name);
  return result;
}

using Names = std::vector<std::string>;

TEST(Loader, LeavesOutABrokenCardAndKeepsItsNeighbours) {
  CardFolder folder;
  folder.save("a.toll", card("a", "0.01"));
  folder.save("b.toll", card("b", "0.01 per"));
  const Loaded loaded = load(folder);
  EXPECT_EQ(names(*loaded.cards), Names{"a"});
  EXPECT_TRUE(dsl::has_errors(loaded.diagnostics));
  EXPECT_TRUE(loaded.kept.empty());
}

// ---- Table files

const char* const kListed = R"(toll 1
unit call, calls
dimension region is eu, us
meter calls counts call by region
card listed "Listed"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge calls by region
    rows from "list.csv"
)";
const char* const kList = "region,at\nany,0.01 USD per call\n";

/// What is said where `list.csv` cannot be read.
std::string why_unread(const CardFolder& folder) {
  const Loaded loaded = load(folder);
  EXPECT_TRUE(loaded.cards->cards().empty());
  return loaded.diagnostics.empty() ? std::string() : loaded.diagnostics.front().primary.text;
}

TEST(Loader, ReadsTheTableFilesThatCardsName) {
  CardFolder folder;
  folder.save("listed.toll", kListed);
  folder.save("list.csv", kList);
  folder.save("other.csv", "not, a\ntable");
  const Loaded loaded = load(folder);
  EXPECT_EQ(names(*loaded.cards), Names{"listed"});
  EXPECT_EQ(loaded.files.size(), 2u);
  EXPECT_TRUE(loaded.diagnostics.empty());
}

TEST(Loader, ABrokenTableFileLeavesTheLastRowsInForce) {
  CardFolder folder;
  folder.save("listed.toll", kListed);
  folder.save("list.csv", kList);
  const Loaded first = load(folder);
  for (const char* list : {"region,at\nany,0.02 EUR per call\n", ""}) {
    folder.save("list.csv", list);
    const Loaded second = load(folder, *first.cards);
    EXPECT_EQ(second.kept, Names{"listed 2026-01-01"});
    EXPECT_EQ(second.cards->revisions().front(), first.cards->revisions().front());
  }
  folder.remove("list.csv");
  EXPECT_EQ(load(folder, *first.cards).kept, Names{"listed 2026-01-01"});
  folder.save("list.csv", "region,at\nany,0.02 USD per call\n");
  const Loaded third = load(folder, *first.cards);
  EXPECT_TRUE(third.kept.empty());
  EXPECT_NE(third.cards->revisions().front()->card().hash,
            first.cards->revisions().front()->card().hash);
}

TEST(Loader, ATableFileMayBeALinkWithinTheFolderOnly) {
  CardFolder folder, elsewhere;
  folder.save("listed.toll", kListed);
  fs::create_directory(folder.path() / "..data");
  std::ofstream(folder.path() / "..data" / "real.csv") << kList;
  fs::create_symlink("..data/real.csv", folder.path() / "list.csv");
  EXPECT_EQ(names(*load(folder).cards), Names{"listed"});

  folder.remove("list.csv");
  elsewhere.save("list.csv", kList);
  fs::create_symlink(elsewhere.path() / "list.csv", folder.path() / "list.csv");
  EXPECT_EQ(why_unread(folder), "it is a link that leads out of the folder, or to nothing");

  folder.remove("list.csv");
  fs::create_symlink("nowhere.csv", folder.path() / "list.csv");
  EXPECT_EQ(why_unread(folder), "it is a link that leads out of the folder, or to nothing");

  folder.remove("list.csv");
  fs::create_directory(folder.path() / "list.csv");
  EXPECT_EQ(why_unread(folder), "it is no file");
  fs::remove(folder.path() / "list.csv");
  EXPECT_EQ(load(folder).diagnostics.front().message,
            "there is no file `list.csv` beside this card");
}

TEST(Loader, ABrokenFileLeavesItsLastRevisionInForce) {
  CardFolder folder;
  folder.save("a.toll", card("a", "0.01"));
  const Loaded first = load(folder);
  folder.save("a.toll", card("a", "0.02 EUR or"));
  const Loaded second = load(folder, *first.cards);
  EXPECT_EQ(second.kept, Names{"a 2026-01-01"});
  EXPECT_EQ(second.cards->versions("a")->front(), first.cards->versions("a")->front());
  folder.save("a.toll", card("a", "0.02"));
  const Loaded third = load(folder, *second.cards);
  EXPECT_TRUE(third.kept.empty());
  EXPECT_NE(third.cards->versions("a")->front()->card().hash,
            first.cards->versions("a")->front()->card().hash);
}

TEST(Loader, ARenamedCardGoesAlsoWhileAnotherFileIsBroken) {
  CardFolder folder;
  folder.save("a.toll", card("a", "0.01"));
  folder.save("b.toll", card("b", "0.01"));
  const Loaded first = load(folder);
  folder.save("a.toll", card("c", "0.01"));
  folder.save("b.toll", card("b", "0.01 per"));
  const Loaded second = load(folder, *first.cards);
  EXPECT_EQ(names(*second.cards), (Names{"b", "c"}));
  EXPECT_EQ(second.kept, Names{"b 2026-01-01"});
}

TEST(Loader, ALinkToNowhereDoesNotHideTheFolder) {
  CardFolder folder;
  folder.save("a.toll", card("a", "0.01"));
  fs::create_symlink("user@host.1234", folder.path() / "lock.toll");
  folder.save(".#b.toll", card("b", "0.01"));
  EXPECT_EQ(names(*load(folder).cards), Names{"a"});
}

TEST(Loader, TestsNoGuaranteeTwice) {
  CardFolder folder;
  const std::string text = card("a", "0.01", "\n  guarantee bill at least 1 USD\n");
  folder.save("a.toll", text);
  EXPECT_TRUE(load(folder).cards->cards().empty());
  // The guarantee does not hold; a set that has this card nonetheless shows who tests it.
  EXPECT_EQ(names(*load(folder, testing::card_set({text})).cards), Names{"a"});
}

TEST(Loader, ARemovedFileTakesItsCardAlong) {
  CardFolder folder;
  folder.save("a.toll", card("a", "0.01"));
  folder.save("b.toll", card("b", "0.01"));
  const Loaded first = load(folder);
  folder.remove("a.toll");
  EXPECT_EQ(names(*load(folder, *first.cards).cards), Names{"b"});
}

TEST(Loader, ARefutedGuaranteeKeepsACardOut) {
  CardFolder folder;
  folder.save("a.toll", card("a", "0.01", "\n  guarantee bill at least 1 USD\n"));
  const Loaded loaded = load(folder);
  EXPECT_TRUE(loaded.cards->cards().empty());
  ASSERT_EQ(loaded.diagnostics.size(), 1u);
  EXPECT_EQ(loaded.diagnostics[0].code, "E606");
}

TEST(Loader, ReusesTheNativeCodeOfWhatDidNotChange) {
  CardFolder folder;
  folder.save("a.toll", card("a", "0.01"));
  folder.save("b.toll", card("b", "0.01"));
  const Loaded first = load(folder);
  folder.save("a.toll", "# a comment changes nothing\n" + card("a", "0.01"));
  folder.save("b.toll", card("b", "0.02"));
  const Loaded second = load(folder, *first.cards);
  EXPECT_EQ(second.cards->versions("a")->front()->native(),
            first.cards->versions("a")->front()->native());
  EXPECT_NE(second.cards->versions("b")->front()->native(),
            first.cards->versions("b")->front()->native());
  EXPECT_EQ(second.cards->versions("a")->front()->card().source.line, 5u);
}

TEST(Loader, TakesCodeThatWasMadeLaterForTheRevisionItWasMadeFor) {
  CardFolder folder;
  folder.save("a.toll", card("a", "0.01"));
  const Loaded loaded = load(folder);
  const auto revision = loaded.cards->versions("a")->front();
  const auto native = compile_verified(testing::native_compiler(), revision->card(),
                                       revision->program(), compiler::Optimise::Yes);
  ASSERT_TRUE(native);
  const std::vector<MadeNative> made = {{revision, *native}};
  // The same text, loaded again, is the same revision to it.
  const Loaded again = load(folder, *loaded.cards);
  EXPECT_EQ(with_native(*again.cards, made)->versions("a")->front()->native(), *native);
  folder.save("a.toll", card("a", "0.02"));
  const Loaded changed = load(folder, *loaded.cards);
  EXPECT_NE(with_native(*changed.cards, made)->versions("a")->front()->native(), *native);
}

TEST(Loader, MakesNativeCodeForSoManyNewCardsAtOnce) {
  CardFolder folder;
  for (const char* name : {"a", "b", "c"})
    folder.save(std::string(name) + ".toll", card(name, "0.01"));
  const auto natives = [](const Loaded& loaded) {
    return std::ranges::count_if(loaded.cards->revisions(), [](const auto& revision) {
      return revision->native() != nullptr;
    });
  };
  const Loaded first =
      load_folder(folder.path(), testing::native_compiler(), {.at_once_max = 2}, {}).value();
  EXPECT_EQ(natives(first), 2);
  const Loaded second =
      load_folder(folder.path(), testing::native_compiler(), {.at_once_max = 2}, *first.cards)
          .value();
  EXPECT_EQ(natives(second), 3);
}

TEST(Loader, AMissingFolderIsAnError) {
  const auto loaded = load_folder("/no/such/folder", testing::native_compiler(), {}, {});
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().message.find("/no/such/folder"), std::string::npos);
}

TEST(Loader, ReadsNoMoreOfAHugeFileThanItNeeds) {
  CardFolder folder;
  std::ofstream(folder.path() / "huge.toll") << std::string(3 << 20, '#');
  const auto files = read_folder(folder.path(), "cards").value();
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].path, "cards/huge.toll");
  EXPECT_LE(files[0].text.size(), size_t{(1 << 20) + 1});
}

/// Counts calls and waits for the next one.
class Counter {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(5), [&] { return count_ >= count; });
  }

  /// The count once it has not risen for a while; waits for the first call.
  int settled() {
    wait_for(1);
    std::unique_lock lock(mutex_);
    int count = count_;
    while (changed_.wait_for(lock, std::chrono::milliseconds(100), [&] { return count_ > count; }))
      count = count_;
    return count;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST(Watcher, SeesSavesRenamesAndRemovals) {
  CardFolder folder;
  Counter counter;
  const auto watcher = Watcher::start(folder.path(), [&] { counter.add(); }).value();
  folder.save("a.toll", "one");
  EXPECT_TRUE(counter.wait_for(1));
  std::ofstream(folder.path() / "a.toll") << "two";
  EXPECT_TRUE(counter.wait_for(2));
  folder.remove("a.toll");
  EXPECT_TRUE(counter.wait_for(3));
}

TEST(Watcher, FollowsThePathWhenTheFolderIsReplaced) {
  const CardFolder outer;
  const fs::path cards = outer.path() / "cards";
  fs::create_directory(cards);
  Counter counter;
  const auto watcher = Watcher::start(cards, [&] { counter.add(); }).value();
  fs::create_directory(outer.path() / "next");
  fs::rename(cards, outer.path() / "last");
  fs::rename(outer.path() / "next", cards);
  const int replaced = counter.settled();
  EXPECT_GE(replaced, 1);
  std::ofstream(cards / "a.toll") << "one";
  EXPECT_TRUE(counter.wait_for(replaced + 1));
  const int saved = counter.settled();
  std::ofstream(outer.path() / "last" / "a.toll") << "one";
  EXPECT_EQ(counter.settled(), saved);
}

TEST(Watcher, WaitsForAFolderThatWasRemovedWithItsParent) {
  const CardFolder outer;
  const fs::path parent = outer.path() / "deployed", cards = parent / "cards";
  fs::create_directories(cards);
  Counter counter;
  const auto watcher = Watcher::start(cards, [&] { counter.add(); }).value();
  fs::remove_all(parent);
  const int removed = counter.settled();
  EXPECT_GE(removed, 1);
  fs::create_directories(cards);
  EXPECT_TRUE(counter.wait_for(removed + 1));
  const int back = counter.settled();
  std::ofstream(cards / "a.toll") << "one";
  EXPECT_TRUE(counter.wait_for(back + 1));
}

TEST(Watcher, SeesALinkThatIsGivenAnotherTarget) {
  const CardFolder outer;
  fs::create_directory(outer.path() / "one");
  fs::create_directory(outer.path() / "two");
  fs::create_directory_symlink("one", outer.path() / "cards");
  Counter counter;
  const auto watcher = Watcher::start(outer.path() / "cards/", [&] { counter.add(); }).value();
  fs::create_directory_symlink("two", outer.path() / "new");
  fs::rename(outer.path() / "new", outer.path() / "cards");
  EXPECT_TRUE(counter.wait_for(1));
  const int retargeted = counter.settled();
  std::ofstream(outer.path() / "two" / "a.toll") << "one";
  EXPECT_TRUE(counter.wait_for(retargeted + 1));
}

TEST(Watcher, EndsWhileNothingHappens) {
  CardFolder folder;
  const auto start = std::chrono::steady_clock::now();
  {
    const auto watcher = Watcher::start(folder.path(), [] {}).value();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(Watcher, AMissingFolderIsAnError) {
  EXPECT_FALSE(Watcher::start("/no/such/folder", [] {}).has_value());
}

}  // namespace
}  // namespace toll::runtime
