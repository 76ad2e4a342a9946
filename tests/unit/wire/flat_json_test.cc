// Small requests are read strictly: what is not known, or not a text, is named.
#include "wire/flat_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace toll::wire {
namespace {

constexpr TextField kFields[] = {{"card", true}, {"plan"}};

std::string faults(std::string_view text) {
  const auto read = read_text_fields(text, kFields);
  std::string said;
  if (read) return "none";
  for (const auto& [pointer, message] : read.error()) said += pointer + " " + message + "; ";
  return said;
}

TEST(FlatJson, GivesTheTexts) {
  const auto read = read_text_fields(R"({"plan":"pro", "card":"api"})", kFields);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read,
            (std::map<std::string, std::string, std::less<>>{{"card", "api"}, {"plan", "pro"}}));
  EXPECT_EQ(read_text_fields(R"({"card":"api","plan":null})", kFields)->size(), 1u);
}

TEST(FlatJson, NamesWhatIsWrong) {
  EXPECT_EQ(faults(R"({"plan":"pro"})"), " `card` is missing; ");
  EXPECT_EQ(faults(R"({"card":null})"), " `card` is missing; ");
  EXPECT_EQ(faults(R"({"card":"api","card":"api"})"), "/card stands twice; ");
  EXPECT_EQ(faults(R"({"card":"api","plam":3})"), "/plam there is no field `plam`; ");
  EXPECT_EQ(faults(R"({"card":3})"), "/card is not a text in quotes; ");
  EXPECT_EQ(faults(R"({"card":{"card":"api"}})"), "/card is not a text in quotes; ");
  EXPECT_EQ(faults(R"({"card":["api",{"x":[1]}]})"), "/card is not a text in quotes; ");
  EXPECT_EQ(faults(R"({"card":"","a/b":"x"})"),
            "/card `` is empty; /a~1b there is no field `a/b`; ");
}

TEST(FlatJson, ReadsAnObjectOfTexts) {
  constexpr TextField kPlans[] = {{"card"}, {.name = "plans", .texts = true}};
  const auto read = read_text_fields(R"({"plans":{"b":"x","a":"y","c":null},"card":"z"})", kPlans);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (std::map<std::string, std::string, std::less<>>{
                       {"card", "z"}, {"plans/a", "y"}, {"plans/b", "x"}}));
  EXPECT_EQ(read_text_fields(R"({"plans":{}})", kPlans)->size(), 0u);
  const auto fault = [&](std::string_view text) {
    const auto wrong = read_text_fields(text, kPlans);
    return wrong ? "none" : wrong.error().front().pointer + " " + wrong.error().front().message;
  };
  EXPECT_EQ(fault(R"({"plans":"x"})"), "/plans is not an object of texts");
  EXPECT_EQ(fault(R"({"plans":["x"]})"), "/plans is not an object of texts");
  EXPECT_EQ(fault(R"({"plans":{"a/b":3}})"), "/plans/a~1b is not a text in quotes");
  EXPECT_EQ(fault(R"({"plans":{"a":{"b":"x"}}})"), "/plans/a is not a text in quotes");
  EXPECT_EQ(fault(R"({"plans":{"a":["x"]}})"), "/plans/a is not a text in quotes");
  EXPECT_EQ(fault(R"({"plans":{"a":""}})"), "/plans/a `` is empty");
  EXPECT_EQ(fault(R"({"plans":{"a":"x","a":"x"}})"), "/plans/a stands twice");
  EXPECT_EQ(fault(R"({"card":{"a":"x"}})"), "/card is not a text in quotes");
}

TEST(FlatJson, TakesNumbersAsTheyAreWritten) {
  constexpr TextField kQuantity[] = {{.name = "quantity", .number = true}, {"card"}};
  for (const char* digits : {"12", "-3", "0.10", "1e3", "12345678901234567890.5"})
    EXPECT_EQ(
        read_text_fields(fmt::format(R"({{"quantity":{}}})", digits), kQuantity)->at("quantity"),
        digits);
  EXPECT_EQ(read_text_fields(R"({"quantity":"1.50"})", kQuantity)->at("quantity"), "1.50");
  EXPECT_FALSE(read_text_fields(R"({"card":12})", kQuantity));
}

TEST(FlatJson, GivesAValueForAnotherReader) {
  constexpr TextField kState[] = {{.name = "state", .json = true}, {"card"}};
  for (const char* value :
       {R"({"a":{"b/\"c":"0.10","d":0.10},"e":[{"f":true},12,[],"x",null],"a":{}})",
        "12345678901234567890.5", "\"x\"", "true", "[]", "{}"}) {
    const auto read =
        read_text_fields(fmt::format(R"({{"state":{},"card":"api"}})", value), kState);
    ASSERT_TRUE(read) << value;
    EXPECT_EQ(read->at("state"), value);
    EXPECT_EQ(read->at("card"), "api");
  }
  EXPECT_EQ(read_text_fields(R"({"state":null})", kState)->size(), 0u);
  EXPECT_FALSE(read_text_fields(R"({"state":{},"state":{}})", kState));
  EXPECT_FALSE(read_text_fields(R"({"state":{"a":}})", kState));
  EXPECT_FALSE(read_text_fields(R"({"state":)" + std::string(100'000, '['), kState));
}

TEST(FlatJson, RefusesWhatIsNoObject) {
  for (const std::string_view text : {"", "[]", "\"card\"", "3", "null", "true", "{",
                                      R"({"card":"api"} x)", R"({"card":"api",})"})
    EXPECT_EQ(faults(text), " is not a JSON object; ") << text;
  std::string deep = R"({"card":)" + std::string(100'000, '[');
  EXPECT_NE(faults(deep), "none");
}

}  // namespace
}  // namespace toll::wire
