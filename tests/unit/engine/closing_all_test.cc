// Closing everybody on several threads gives what one thread gives, in the same order.
#include "engine/closing_all.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "engine/audit.h"
#include "tests/unit/engine/counting_store.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

constexpr int kCrowd = 30;

/// Customers of whom each used something else; every seventh cannot be billed, every fifth went.
struct Crowd : World {
  Crowd() : World({calls_card("  charge api_calls\n    at 1.00 USD per call\n")}) {
    engine = *Engine::open(std::make_unique<CountingStore>(rows, asked));
    for (int i = 0; i < kCrowd; ++i) {
      const std::string customer = name(i);
      EXPECT_TRUE(engine->put_subscription(
          "t", customer,
          {.id = "s",
           .card = i % 7 == 3 ? "gone" : "api",
           .plan = {},
           .currency = {},
           .start = *parse_date("2026-01-01"),
           .end = i % 5 == 2 ? parse_date("2026-02-01") : std::optional<Date>()}));
      use(customer, "1", "2026-01-10T12:00:00Z", i);
    }
  }
  ~Crowd() { engine.reset(); }  // before its rows go

  static std::string name(int number) { return fmt::format("c{:03}", number); }

  void use(const std::string& customer, std::string_view id, std::string_view time, int calls) {
    ingest({event_text({.id = customer + std::string(id),
                        .customer = customer,
                        .time = std::string(time),
                        .data = fmt::format("{{\"n\":{}}}", calls)})});
  }

  std::vector<std::string> close(std::string_view day, size_t threads, size_t lines_max = 1'000) {
    std::vector<std::string> lines;
    const auto done = close_all(
        *cards, *engine,
        {.tenant = "t",
         .day = *parse_date(day),
         .as_of = Instant(*parse_date(day)) + std::chrono::days(40),
         .names_max = 12,
         .threads = threads},
        [&](const engine::Closing& one) {
          lines.push_back(fmt::format("{} {}{}", one.customer, one.was_closed ? "was closed: " : "",
                                      one.bill ? one.bill->json() : one.bill.error().message));
          return lines.size() < lines_max;
        });
    EXPECT_TRUE(done) << done.error().message;
    return lines;
  }

  MemoryStore rows;
  Asked asked;
};

TEST(ClosingEverybody, OnSeveralThreadsIsThatOnOne) {
  Crowd one, several;
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-02-01", "2026-03-01"}) {
    const auto expected = one.close(day, 1);
    EXPECT_GE(expected.size(), 4u);
    EXPECT_EQ(several.close(day, 8), expected) << day;
    for (Crowd* const crowd : {&one, &several})
      for (const int late : {1, 2, 20})
        crowd->use(Crowd::name(late), day, "2026-01-20T12:00:00Z", 5);
  }
  EXPECT_EQ(audit(several.rows, *several.cards)->difference_count, 0u);
}

TEST(ClosingEverybody, GoesOnWhereItWasCutOff) {
  Crowd whole, cut;
  const auto expected = whole.close("2026-01-01", 8);
  EXPECT_EQ(cut.close("2026-01-01", 8, 5),
            std::vector<std::string>(expected.begin(), expected.begin() + 5));
  const auto again = cut.close("2026-01-01", 8);
  ASSERT_EQ(again.size(), expected.size());
  const auto after = whole.close("2026-01-01", 1);
  EXPECT_EQ(cut.close("2026-01-01", 1), after) << "each is closed once, with the same bill";
}

TEST(ClosingEverybody, HoldsUpNobodyByOneThatTakesLong) {
  Crowd crowd;
  std::mutex mutex;
  std::condition_variable came;
  int begun = 0;
  bool together = false;
  crowd.asked.before_usage = [&] {
    std::unique_lock lock(mutex);
    ++begun;
    came.notify_all();
    together =
        came.wait_for(lock, std::chrono::seconds(begun == 1 ? 10 : 0), [&] { return begun > 2; }) ||
        together;
  };
  crowd.close("2026-01-01", 3);
  EXPECT_TRUE(together);
}

}  // namespace
}  // namespace toll::engine
