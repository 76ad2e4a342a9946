// An engine in memory with the cards that bill its customer `acme`.
#pragma once

#include <gtest/gtest.h>

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/admission.h"
#include "engine/live_bill.h"
#include "tests/support/live.h"
#include "tests/unit/engine/events.h"

namespace toll::engine {

struct World {
  std::shared_ptr<const runtime::CardSet> cards;
  std::unique_ptr<Engine> engine = *Engine::open(std::make_unique<MemoryStore>());

  explicit World(std::vector<std::string> texts)
      : cards(std::make_shared<const runtime::CardSet>(testing::card_set(texts))) {}

  std::vector<Judged> ingest(const std::vector<std::string>& texts) {
    Admission admission(cards, *engine, "t");
    Candidates candidates("t");
    for (const std::string& text : texts) {
      const auto read = admission.read(text, candidates);
      EXPECT_TRUE(read) << read.error().message;
    }
    auto judged = engine->ingest(std::move(candidates));
    EXPECT_TRUE(judged);
    return *judged;
  }

  void subscribe(std::string id, std::string card, std::string_view start,
                 std::optional<std::string_view> end = {}, std::optional<std::string> plan = {}) {
    const auto put =
        engine->put_subscription("t", "acme",
                                 {.id = std::move(id),
                                  .card = std::move(card),
                                  .plan = std::move(plan),
                                  .currency = {},
                                  .start = *parse_date(start),
                                  .end = end ? parse_date(*end) : std::optional<Date>()});
    ASSERT_TRUE(put && !*put);
  }

  std::expected<runtime::Answer, NoBill> bill(std::string_view day, std::string_view as_of,
                                              std::optional<std::string> subscription = {}) const {
    return live_bill(*cards, *engine,
                     {.tenant = "t",
                      .customer = "acme",
                      .subscription = std::move(subscription),
                      .day = parse_date(day),
                      .as_of = *parse_instant(as_of)});
  }
};

}  // namespace toll::engine
