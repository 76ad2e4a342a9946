// Customers are listed whoever names them, each once, and page by page.
#include "engine/customers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "engine/storage/keys.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {
namespace {

using Listed = std::vector<ListedCustomer>;

Listed listed(const Engine& engine, const CustomersRequest& request) {
  Listed all;
  const auto behind = customers(engine, request, [&](const ListedCustomer& one) {
    all.push_back(one);
    return true;
  });
  EXPECT_TRUE(behind) << behind.error().message;
  EXPECT_EQ(*behind, std::nullopt) << "there is room for all";
  return all;
}

/// In pages of which each reads hardly more than a customer.
Listed listed_in_pages(const Engine& engine, CustomersRequest request, size_t rows_max) {
  Listed all;
  request.rows_max = rows_max;
  for (int pages = 0; pages < 10'000; ++pages) {
    const auto behind = customers(engine, request, [&](const ListedCustomer& one) {
      all.push_back(one);
      return true;
    });
    EXPECT_TRUE(behind) << behind.error().message;
    if (!behind || !*behind) return all;
    request.after = **behind;
  }
  ADD_FAILURE() << "the pages do not end";
  return all;
}

void subscribe_to_api(Engine& engine, const std::string& customer, const std::string& id) {
  const auto put = engine.put_subscription("t", customer,
                                           {.id = id,
                                            .card = "card-of-" + id,
                                            .plan = {},
                                            .currency = {},
                                            .start = *parse_date("2026-01-01"),
                                            .end = {}});
  ASSERT_TRUE(put && !*put);
}

TEST(Customers, AreThoseWhomSomethingNames) {
  const auto engine = *Engine::open(std::make_unique<MemoryStore>());
  EXPECT_EQ(listed(*engine, {.tenant = "t"}), Listed());
  const Customer globex{.id = "globex", .name = "Globex"};
  ASSERT_TRUE(engine->put_customer("t", globex));
  subscribe_to_api(*engine, "acme", "a");
  subscribe_to_api(*engine, "acme", "b");
  ASSERT_TRUE(engine->ingest(
      "t",
      {candidate({.id = "1"}), candidate({.id = "2", .time = "2026-03-11T12:00:00Z"}),
       candidate({.id = "3", .customer = "acmee"}), candidate({.id = "4", .customer = "acmee"})}));
  ASSERT_TRUE(engine->ingest("t2", {candidate({.customer = "theirs"})}));
  ASSERT_TRUE(engine->retract("t", "/s", "4", "x", Instant{}));
  const ListedCustomer acme{{.id = "acme"}, 2, 2}, acmee{{.id = "acmee"}, 0, 1}, said{globex, 0, 0};
  EXPECT_EQ(listed(*engine, {.tenant = "t"}), (Listed{acme, acmee, said}));
  EXPECT_EQ(listed(*engine, {.tenant = "t", .subscribed = false}), (Listed{acmee, said}));
  EXPECT_EQ(listed(*engine, {.tenant = "t", .subscribed = true}), Listed{acme});
  EXPECT_EQ(listed(*engine, {.tenant = "t", .after = "acme"}), (Listed{acmee, said}));
  EXPECT_EQ(listed(*engine, {.tenant = "t", .subscribed = true, .with_events = false}),
            (Listed{{{.id = "acme"}, 2, 0}}));
  EXPECT_EQ(listed(*engine, {.tenant = "t", .after = "nobody"}), Listed());
  EXPECT_EQ(listed(*engine, {.tenant = "t", .after = "gl"}), Listed{said});
  EXPECT_EQ(listed(*engine, {.tenant = "t", .after = "acme-of-old"}), (Listed{acmee, said}));
  EXPECT_EQ(listed(*engine, {.tenant = "t", .after = "abc"}), (Listed{acme, acmee, said}));
  // One whose events were all taken back was named all the same.
  ASSERT_TRUE(engine->retract("t", "/s", "3", "x", Instant{}));
  EXPECT_EQ(listed(*engine, {.tenant = "t"})[1], (ListedCustomer{{.id = "acmee"}, 0, 0}));
}

TEST(Customers, EndWhereWhoeverAsksHasEnough) {
  const auto engine = *Engine::open(std::make_unique<MemoryStore>());
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(engine->put_customer("t", {.id = id}));
  int seen = 0;
  const auto behind =
      customers(*engine, {.tenant = "t"}, [&](const ListedCustomer&) { return ++seen < 2; });
  ASSERT_TRUE(behind);
  EXPECT_EQ(*behind, std::nullopt);
  EXPECT_EQ(seen, 2);
}

TEST(Customers, ADamagedRowIsNoneThatIsLeftOut) {
  auto store = std::make_unique<MemoryStore>();
  Batch damage;
  damage.put(Table::Days, day_key("t", "acme", *parse_date("2026-03-01")), "?");
  ASSERT_TRUE(store->write(damage));
  const auto engine = *Engine::open(std::move(store));
  const auto read = customers(*engine, {.tenant = "t"}, [](const ListedCustomer&) { return true; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, Unanswered::Kind::Failed);
}

// On a disk, whatever the names: all of them in one page are all of them in many.
TEST(Customers, ArePagedWithoutLoss) {
  testing::ScratchFolder scratch;
  const auto engine = *Engine::open(*open_store(scratch.path()));
  std::mt19937 random(11);
  std::map<std::string, ListedCustomer> expected;
  std::vector<Candidate> events;
  for (int i = 0; i < 120; ++i) {
    // Of lengths from 1 to the longest, with ids that others go on from.
    const std::string id =
        random() % 8 == 0 ? std::string(random() % 2 == 0 ? 256 : 1 + i, 'x')
                          : fmt::format("{}{}", std::string(random() % 3 * 70, 'x'), random() % 60);
    ListedCustomer& customer = expected[id];
    customer.customer.id = id;
    switch (random() % 3) {
      case 0:
        customer.customer.name = fmt::format("name {}", i);
        ASSERT_TRUE(engine->put_customer("t", customer.customer));
        break;
      case 1:
        ++customer.subscriptions;
        subscribe_to_api(*engine, id, fmt::format("s{}", i));
        break;
      default:
        for (size_t n = random() % 4 + 1; n > 0; --n) {
          ++customer.events;
          events.push_back(candidate({.id = fmt::format("{}-{}", i, n),
                                      .customer = id,
                                      .time = fmt::format("2026-03-{:02}T12:00:00Z", 10 + n)}));
        }
    }
  }
  ASSERT_TRUE(engine->ingest("t", events));
  ASSERT_TRUE(engine->ingest("s", {candidate({.customer = "before"})}));
  ASSERT_TRUE(engine->ingest("u", {candidate({.customer = "behind"})}));
  for (const auto subscribed : {std::optional<bool>(), std::optional(true), std::optional(false)}) {
    Listed all;
    for (const auto& [id, customer] : expected)
      if (!subscribed || *subscribed == (customer.subscriptions > 0)) all.push_back(customer);
    const CustomersRequest request{.tenant = "t", .subscribed = subscribed};
    EXPECT_EQ(listed(*engine, request), all);
    for (const size_t rows_max : {0u, 1u, 45u, 200u})
      EXPECT_EQ(listed_in_pages(*engine, request, rows_max), all) << rows_max;
    // Behind any id, whether it is there or not.
    for (const std::string after : {"0", "2", "x", "xx5", "xxxxxxxx", "~"}) {
      Listed behind = all;
      std::erase_if(behind, [&](const ListedCustomer& one) { return one.customer.id <= after; });
      CustomersRequest from = request;
      from.after = after;
      EXPECT_EQ(listed(*engine, from), behind) << after;
    }
  }
}

}  // namespace
}  // namespace toll::engine
