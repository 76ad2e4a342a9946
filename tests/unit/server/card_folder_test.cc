#include "server/card_folder.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "runtime/quote.h"
#include "tests/support/scratch_folder.h"

namespace toll::server {
namespace {

std::string card(const std::string& name) {
  return "toll 1\n\nunit call, calls\nmeter calls counts call\n\ncard " + name +
         " \"Many\"\n  from 2026-01-01\n  currency USD\n  period month\n"
         "  round each line half-up\n\n  charge calls\n    at 0.01 USD per call\n";
}

runtime::UsageDocument hundred_calls(const std::string& name) {
  runtime::UsageDocument document;
  document.card = name;
  document.on = parse_date("2026-03-15");
  runtime::UsageEntry calls;
  calls.meter = "calls";
  calls.quantity = {100, 0};
  document.usage.push_back(std::move(calls));
  return document;
}

/// Cards that answer by optimised native code.
std::ptrdiff_t optimised(const CardFolder& folder) {
  return std::ranges::count_if(folder.cards().get()->revisions(), [](const auto& revision) {
    return revision->native() && revision->native()->optimise() == compiler::Optimise::Yes;
  });
}

/// How low the lowest of this process' threads stands; 20 is never reached.
int nicest_thread() {
  int nicest = -20;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
    nicest = std::max(
        nicest,
        getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoul(task.path().filename().string()))));
  return nicest;
}

TEST(CardFolder, OptimisesOnAThreadThatComesLast) {
  const int before = getpriority(PRIO_PROCESS, 0);
  testing::ScratchFolder scratch;
  scratch.save("one@2026-01-01.toll", card("one"));
  const auto folder = CardFolder::open(scratch.path());
  ASSERT_TRUE(folder) << folder.error().message;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (optimised(**folder) < 1 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  EXPECT_EQ(optimised(**folder), 1);
  EXPECT_GE(nicest_thread(), 15);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), before) << "those who are answered do not come last";
}

TEST(CardFolder, OfManyCardsAnswersWhileItsNativeCodeIsMade) {
  constexpr int kCards = 80;
  testing::ScratchFolder scratch;
  for (int i = 0; i < kCards; ++i) {
    const std::string name = "many_" + std::to_string(i);
    scratch.save(name + "@2026-01-01.toll", card(name));
  }
  const auto folder = CardFolder::open(scratch.path()).value();
  EXPECT_LT(optimised(*folder), kCards);
  for (int i = 0; i < kCards; ++i) {
    const auto document = hundred_calls("many_" + std::to_string(i));
    EXPECT_EQ(runtime::quote(*folder->cards().get(), document).value().total, "1.00");
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (optimised(*folder) < kCards && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(optimised(*folder), kCards);
  EXPECT_EQ(folder->status()->cards, folder->cards().get());
  EXPECT_TRUE(folder->status()->failures.empty());
  for (const LiveVersion& version : folder->status()->versions)
    EXPECT_TRUE(version.revision->native());
}

}  // namespace
}  // namespace toll::server
