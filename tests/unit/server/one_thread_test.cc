#include "server/cards/one_thread.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace toll::server {
namespace {

TEST(OneThread, DoesTheWorkOfAllOneAfterTheOther) {
  constexpr int kCallers = 8, kTimes = 100;
  OneThread one;
  std::set<std::thread::id> threads;
  int done = 0;  // guarded by nothing but that there is one thread
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i)
      callers.emplace_back([&] {
        for (int n = 0; n < kTimes; ++n) {
          bool mine = false;
          one.run([&] {
            threads.insert(std::this_thread::get_id());
            ++done;
            mine = true;
          });
          EXPECT_TRUE(mine) << "it is done when run() returns";
        }
      });
  }
  EXPECT_EQ(done, kCallers * kTimes);
  EXPECT_EQ(threads.size(), 1u);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST(OneThread, EndsWithoutWork) { OneThread(); }

}  // namespace
}  // namespace toll::server
