// A value that may be meant otherwise is said, with the listed one that it looks like.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/metering/metered.h"

namespace toll::metering {
namespace {

TEST(EventWarnings, NameAListedValueThatTheGivenOneDiffersFromByCaseOrBlanksAlone) {
  const std::string meters =
      "unit call, calls\nunit token, tokens\ndimension kind is opus, gpt-4.1, other\n"
      "meter used counts call by kind\n  from api\n"
      "meter tokens sums token by kind\n  from llm\n  take input as kind opus\n"
      "meter again sums call by kind\n  from api\n  take calls\n";
  const std::string more =
      "  charge tokens \"Tokens\"\n    at 1.00 USD per token\n"
      "  charge again \"Again\"\n    at 1.00 USD per call\n";
  const auto card = card_with(meters, "call", "any", more);
  const auto warnings = [&](std::string_view type, FieldValue kind) {
    return event_warnings(card, event(type, "2026-03-01T12:00:00Z",
                                      {{"kind", std::move(kind)}, {"calls", number("1")}}));
  };
  const std::string meter = " (meter `used`, card.toll:6)";
  for (const auto& [given, meant] :
       {std::pair{"Opus", "opus"}, {"opus ", "opus"}, {" OPUS ", "opus"}, {"GPT-4.1", "gpt-4.1"}})
    EXPECT_EQ(warnings("api", given),
              (std::vector{fmt::format("`{}` is not a value of `kind` and counts as `other`, but "
                                       "`{}` is{}",
                                       given, meant, meter)}));
  EXPECT_EQ(warnings("api", std::string("opus\r\n\x1b")), std::vector<std::string>{});
  EXPECT_EQ(warnings("api", std::string("\topus\r\n")),
            (std::vector{"`\uFFFDopus\uFFFD\uFFFD` is not a value of `kind` and counts as `other`, "
                         "but `opus` is" +
                         meter}));
  for (const char* other : {"opus", "other", "Other", "opus-2", "o pus", "", "sonnet"})
    EXPECT_EQ(warnings("api", other), std::vector<std::string>{}) << other;
  EXPECT_EQ(warnings("api", number("4")), std::vector<std::string>{});
  EXPECT_EQ(warnings("llm", "Opus"), std::vector<std::string>{}) << "the take names the value";
  EXPECT_EQ(warnings("ping", "Opus"), std::vector<std::string>{});
}

TEST(EventWarnings, AreOfTheEventOfAnOutcomeThatCounts) {
  const auto card = card_with(
      "unit call, calls\ndimension kind is opus, other\nmeter used counts call by kind\n"
      "  when resolved\n  unless reopened within 7 days\n  once per id\n",
      "call", "any");
  const auto warnings = [&](std::string_view type) {
    return event_warnings(card, event(type, "2026-03-01T12:00:00Z",
                                      {{"kind", std::string("Opus")}, {"id", std::string("1")}}))
        .size();
  };
  EXPECT_EQ(warnings("resolved"), 1u);
  EXPECT_EQ(warnings("reopened"), 0u);
}

TEST(MeterUsage, SuggestsTheListedValueOfOneThatIsRejected) {
  const auto card = card_with(
      "unit call, calls\ndimension kind is opus, haiku\nmeter used counts call by kind\n"
      "  from api\n",
      "call", "any");
  const auto reason = [&](std::string_view kind) {
    return metered(card, {event("api", "2026-03-01T12:00:00Z", {{"kind", std::string(kind)}})});
  };
  EXPECT_EQ(reason("Opus"),
            "#0 rejected by used: `Opus` is not a value of `kind`, but `opus` is; ");
  EXPECT_EQ(reason(" opus"),
            "#0 rejected by used: ` opus` is not a value of `kind`, but `opus` is; ");
  EXPECT_EQ(reason("hiaku"),
            "#0 rejected by used: `hiaku` is not a value of `kind`, but `haiku` is; ");
  EXPECT_EQ(reason("gemini"), "#0 rejected by used: `gemini` is not a value of `kind`; ");
}

}  // namespace
}  // namespace toll::metering
