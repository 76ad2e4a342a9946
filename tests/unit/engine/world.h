// An engine in memory with the cards that bill its customer `acme`.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/admission.h"
#include "engine/live_bill.h"
#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/engine/events.h"
#include "wire/answer_json.h"
#include "wire/usage_json.h"

namespace toll::engine {

/// When all that happens in 2026 is over.
inline constexpr std::string_view kYearLater = "2027-01-01T00:00:00Z";

/// A card `api` with these items, which counts the field `n` of events as calls.
inline std::string calls_card(std::string_view items, std::string_view from = "2026-01-01") {
  return fmt::format(R"(toll 1

unit credit, credits
unit call, calls
meter api_calls sums call
  from api.call
  take n

card api "API"
  from {}
  currency USD
  time zone Europe/Berlin
  period month
  round each line half-up

{})",
                     from, items);
}

/// Texts that were live, as a service keeps them.
class KeptTexts final : public runtime::EarlierRevisions {
 public:
  void keep(const runtime::CardSet& cards) {
    for (auto& revision : cards.revisions()) all_.push_back(std::move(revision));
  }
  Result<runtime::CardSet::Revisions> find(std::string_view card,
                                           std::string_view hash) const override {
    runtime::CardSet::Revisions found;
    for (const auto& revision : all_)
      if (revision->card().name == card && revision->card().hash == hash) found.push_back(revision);
    return found;
  }

 private:
  runtime::CardSet::Revisions all_;
};

struct World {
  std::shared_ptr<const runtime::CardSet> cards;
  std::shared_ptr<KeptTexts> kept = std::make_shared<KeptTexts>();
  std::unique_ptr<Engine> engine = *Engine::open(std::make_unique<MemoryStore>());

  explicit World(std::vector<std::string> texts)
      : cards(std::make_shared<const runtime::CardSet>(testing::card_set(texts))) {}

  /// Puts other texts live, and keeps those that were.
  void exchange(const std::vector<std::string>& texts) {
    kept->keep(*cards);
    cards = std::make_shared<const runtime::CardSet>(testing::card_set(texts).revisions(),
                                                     std::vector<dsl::HeldBack>(), kept);
  }

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
                 std::optional<std::string_view> end = {}, std::optional<std::string> plan = {},
                 std::vector<std::pair<Date, std::string>> plan_changes = {}) {
    const auto put =
        engine->put_subscription("t", "acme",
                                 {.id = std::move(id),
                                  .card = std::move(card),
                                  .plan = std::move(plan),
                                  .currency = {},
                                  .start = *parse_date(start),
                                  .end = end ? parse_date(*end) : std::optional<Date>(),
                                  .plan_changes = std::move(plan_changes)});
    ASSERT_TRUE(put && !*put);
  }

  /// For a bill of acme, at a moment.
  static BillRequest request(std::string_view day, std::string_view as_of,
                             std::optional<std::string> subscription = {}) {
    return {.tenant = "t",
            .customer = "acme",
            .subscription = std::move(subscription),
            .day = parse_date(day),
            .as_of = *parse_instant(as_of)};
  }

  std::expected<runtime::Answer, NoBill> bill(std::string_view day, std::string_view as_of,
                                              std::optional<std::string> subscription = {}) const {
    return live_bill(*cards, *engine, request(day, as_of, std::move(subscription)));
  }

  /// What a line of the bill came to in the end, "0.00" where it has none.
  std::string amount(std::string_view day, std::string_view path) const {
    const auto answer = bill(day, kYearLater);
    EXPECT_TRUE(answer) << answer.error().message;
    for (const auto& line : answer->lines)
      if (line.path == path) return line.amount;
    return "0.00";
  }

  /// A bill, and the quote of a document, as they are answered.
  std::string billed(std::string_view day, std::string_view as_of) const {
    const auto answer = bill(day, as_of);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? text_of(*answer) : std::string();
  }
  std::string quoted(std::string_view document) const {
    const auto read = wire::read_usage(document);
    EXPECT_TRUE(read) << read.error().front().message;
    if (!read) return {};
    const auto answer = runtime::quote(*cards, *read);
    EXPECT_TRUE(answer) << answer.error().faults.front().message;
    return answer ? text_of(*answer) : std::string();
  }

 private:
  static std::string text_of(const runtime::Answer& answer) {
    std::string text;
    wire::write_answer(answer, text);
    return text;
  }
};

}  // namespace toll::engine
