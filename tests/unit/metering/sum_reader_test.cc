// Reading many events for a card gives what reading each of them gives, and the same reasons.
#include "metering/sum_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/cards.h"

namespace toll::metering {
namespace {

constexpr std::string_view kCard = R"(toll 1

unit call, calls
unit token, tokens
dimension model is small, large, other
dimension kind is input, output
dimension size by tokens
  short up to 100
  long beyond

meter calls counts call by model
  from llm
meter tokens sums token by model, kind
  from llm
  take in less cached as kind input
  take out as kind output
meter sized sums token by size
  from llm.sized
  take tokens
meter time sums second
  from job
  take seconds
  each rounded up to 1 second
meter gpus sums GPU-second
  from job.ended
  take seconds
  each times gpus

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge calls
    at 1.00 USD per call
  charge tokens
    at 1.00 USD per token
  charge sized
    at 1.00 USD per token
  charge time
    at 1.00 USD per second
  charge gpus
    at 1.00 USD per GPU-second
)";

class SumReading : public ::testing::Test {
 protected:
  /// The same by both ways.
  void check(const UsageEvent& event) {
    const auto expected = sums_of(card_, event);
    std::vector<NumberedSum> sums = {{7, Ratio(7)}};
    const auto read = reader_.read(event, cells_, sums);
    ASSERT_EQ(read.has_value(), expected.has_value());
    if (!read) {
      EXPECT_EQ(read.error().reason, expected.error().reason);
      EXPECT_EQ(read.error().meter, expected.error().meter);
      EXPECT_EQ(read.error().line, expected.error().line);
      EXPECT_EQ(sums.size(), 1u);
      return;
    }
    EXPECT_EQ(*read, !expected->empty());
    std::vector<CellSum> found;
    for (size_t i = 1; i < sums.size(); ++i) {
      const CellName& cell = cells_.name(sums[i].cell);
      found.push_back({cell.meter, cell.values, sums[i].sum});
    }
    EXPECT_EQ(found, *expected);
  }

  const dsl::RateCard card_ = testing::lowered_card(std::string(kCard)).card;
  SumReader reader_{card_};
  CellNumbers cells_;
};

UsageEvent event(std::string type, std::vector<std::pair<std::string, FieldValue>> fields) {
  std::ranges::sort(fields, {}, [](const auto& field) { return field.first; });
  return {.source = "/s",
          .id = "1",
          .type = std::move(type),
          .subject = "acme",
          .time = *parse_instant("2026-03-10T12:00:00Z"),
          .fields = std::move(fields)};
}

FieldValue any_value(std::mt19937& random) {
  switch (random() % 8) {
    case 0:
      return Decimal{static_cast<Int128>(random() % 1000), 2};
    case 1:
      return Decimal{-1, 0};
    case 2:
      return UnfitNumber{DecimalFault::Exponent};
    case 3:
      return OtherValue{};
    case 4:
      return std::string("small");
    default:
      return Decimal{static_cast<Int128>(random() % 200), 0};
  }
}

TEST_F(SumReading, GivesWhatReadingOneByOneGives) {
  std::mt19937 random(1);
  constexpr const char* kTypes[] = {"llm", "llm", "llm", "llm.sized", "job", "job.ended", "ping"};
  constexpr const char* kModels[] = {"small", "large", "unheard of", "other", ""};
  for (int i = 0; i < 5000 && !HasFailure(); ++i) {
    std::vector<std::pair<std::string, FieldValue>> fields;
    for (const char* name : {"in", "out", "cached", "tokens", "seconds", "gpus"})
      if (random() % 16 != 0)
        fields.emplace_back(
            name, random() % 4 ? FieldValue(Decimal{random() % 50, 0}) : any_value(random));
    if (random() % 10 != 0) fields.emplace_back("model", kModels[random() % 5]);
    check(event(kTypes[random() % 7], std::move(fields)));
  }
}

TEST_F(SumReading, NumbersACellOnce) {
  const uint32_t values[] = {1, 0};
  const uint32_t number = cells_.of(1, values);
  EXPECT_EQ(cells_.of(1, values), number);
  EXPECT_NE(cells_.of(0, values), number);
  EXPECT_EQ(cells_.name(number), (CellName{1, {1, 0}}));
}

TEST_F(SumReading, TellsEventsThatNameListedValues) {
  const auto listed = [&](const char* model) {
    std::vector<NumberedSum> sums;
    const Decimal one{1, 0};
    EXPECT_TRUE(
        reader_.read(event("llm", {{"model", model}, {"in", one}, {"cached", one}, {"out", one}}),
                     cells_, sums));
    return reader_.named_listed_values();
  };
  EXPECT_TRUE(listed("small"));
  EXPECT_FALSE(listed("Small"));
  EXPECT_TRUE(listed("large"));
}

}  // namespace
}  // namespace toll::metering
