// Two parsers read usage documents: what the quick one accepts, the thorough one reads as the same.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "wire/reading/usage_reader.h"
#include "wire/usage_json.h"

namespace toll::wire {
namespace {

/// Written back, so that two documents can be compared; empty where there is none.
std::string quick(std::string_view text) {
  const auto document = UsageReader(text, {}).read_if_faultless();
  return document ? to_json(*document) : std::string();
}
std::string thorough(std::string_view text) {
  const auto document = UsageReader(text, {}).read();
  return document ? to_json(*document) : std::string();
}

constexpr std::string_view kGood[] = {
    R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})",
    R"( { "card" : "a\u00e9\ud83d\ude00\"\\\/" , "usage" : [ ] }  )",
    R"({"card":"c","usage":[{"meter":"m","quantity":0},{"meter":"m","quantity":0.5},
        {"meter":"m","quantity":"12.50"},{"meter":"m","quantity":999999999999999999.123456789012345678 }]})",
    R"({"card":"c","hash":null,"plan":null,"currency":"USD","customer":"acme",
        "period":{"from":"2026-03-01","until":"2026-04-01"},"plan_changes":{"2026-03-16":"pro"},
        "usage":[{"meter":"t","at":{"model":"large","kind":"é"},"items":["100.00","9.99",7]},
                 {"meter":"d","days":{"2026-03-05":"3.5","2026-03-06":4}}],
        "state":{"final":false,"used_to_date":{"api_calls":"700000"},"billed_to_date":{"annual":1.5},
                 "grants":[{"pool":"compute","quantity":"500","expires":"2027-01-01","recurring":true}]}})",
};

/// JSON or not, with a fault or none that the quick one may be wrong about.
constexpr std::string_view kBad[] = {
    "",
    "null",
    "7",
    "[]",
    R"({"card":"c"} x)",
    R"({"card":"c"}})",
    R"({"card":"c",})",
    R"({"card":"c" "on":"2026-03-15"})",
    R"({"card":"\ud83d"})",
    R"({"card":"\u00"})",
    R"({"card":"a\qb"})",
    "{\"card\":\"a\tb\"}",
    "{\"card\":\"a\xff\"}",
    R"({"card":"c","usage":[{"meter":"m","quantity":007}]})",
    R"({"card":"c","usage":[{"meter":"m","quantity":1.}]})",
    R"({"card":"c","usage":[{"meter":"m","quantity":.5}]})",
    R"({"card":"c","usage":[{"meter":"m","quantity":1e3}]})",
    R"({"card":"c","usage":[{"meter":"m","quantity":-1}]})",
    R"({"card":"c","usage":[{"meter":"m","quantity":1 2}]})",
    R"({"card":"c","usage":[{"meter":"m","quantity":1}],"usage":[]})",
    R"({"card":"c","state":{"final":tru}})",
    R"({"card":"c","plan":nul})",
};

TEST(QuickReader, ReadsWhatHasNoFault) {
  for (const std::string_view text : kGood) {
    EXPECT_NE(quick(text), "") << text;
    EXPECT_EQ(quick(text), thorough(text)) << text;
  }
}

TEST(QuickReader, LeavesTheRestToTheOther) {
  for (const std::string_view text : kBad) {
    EXPECT_EQ(quick(text), "") << text;
    EXPECT_EQ(thorough(text), "") << text;
  }
}

TEST(QuickReader, ReadsLongDocuments) {
  std::string text = R"({"card":"c","usage":[)";
  for (int i = 0; i < 20'000; ++i)
    text += fmt::format(R"({}{{"meter":"m{}","quantity":{}.5}})", i ? "," : "", i % 7, i);
  text += "]}";
  EXPECT_NE(quick(text), "");
  EXPECT_EQ(quick(text), thorough(text));
}

TEST(QuickReader, ReadsNothingThatTheOtherRefuses) {
  std::mt19937 random(1);
  constexpr std::string_view kBytes = "{}[]\",:\\u0123456789.eE+-tfn \t\n\x01\x7f\xc3\xa9\xff";
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text(kGood[random() % std::size(kGood)]);
    for (uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
      const size_t at = random() % text.size();
      const char byte = kBytes[random() % kBytes.size()];
      if (random() % 3 == 0)
        text.erase(at, 1 + random() % 3);
      else if (random() % 2 == 0)
        text.insert(at, 1, byte);
      else
        text[at] = byte;
      if (text.empty()) text = "{";
    }
    const std::string found = quick(text);
    read += !found.empty();
    ASSERT_EQ(found, found.empty() ? found : thorough(text)) << text;
    ASSERT_EQ(found.empty(), thorough(text).empty()) << text;
  }
  EXPECT_GT(read, 500);
}

}  // namespace
}  // namespace toll::wire
