#include "wire/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "rapidcheck/gtest.h"

namespace toll::wire {
namespace {

std::string text_value(std::string_view value) {
  std::string out;
  JsonWriter(out).text(value);
  return out;
}

TEST(JsonWriter, SeparatesWithCommas) {
  std::string out = "before ";
  JsonWriter json(out);
  json.begin_object().text("a", "1").key("b").begin_array();
  json.number(1).number(-2).text("{").text("[:").null().boolean(true).boolean(false);
  json.begin_object().end_object().begin_array().end_array().end_array();
  json.number("c", std::numeric_limits<int64_t>::min()).key("d").begin_array().end_array();
  json.end_object();
  EXPECT_EQ(out, R"(before {"a":"1","b":[1,-2,"{","[:",null,true,false,{},[]],)"
                 R"("c":-9223372036854775808,"d":[]})");
}

TEST(JsonWriter, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(text_value(""), R"("")");
  EXPECT_EQ(text_value("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(text_value(std::string_view("\n\r\t\b\0\x1f", 6)), R"("\n\r\t\u0008\u0000\u001f")");
  EXPECT_EQ(text_value("größe €\U0001F600 \x7f"), "\"größe €\U0001F600 \x7f\"");
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(text_value("a\xFFz"), "\"a\uFFFDz\"");
  EXPECT_EQ(text_value("\xC3"), "\"\uFFFD\"");            // cut
  EXPECT_EQ(text_value("\xC3\""), "\"\uFFFD\\\"\"");      // the quote is no continuation
  EXPECT_EQ(text_value("\xE2\x82z"), "\"\uFFFDz\"");      // one for the two that began well
  EXPECT_EQ(text_value("\xC0\x80"), "\"\uFFFD\uFFFD\"");  // overlong NUL
  EXPECT_EQ(text_value("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");  // a surrogate
}

RC_GTEST_PROP(JsonWriter, WritesEveryTextSoThatItReadsBack, (const std::string& text)) {
  const auto value = nlohmann::json::parse(text_value(text));
  const std::string back = value.get<std::string>();
  // What is not UTF-8 was replaced; everything else is as it was.
  const bool malformed = back.find("\xEF\xBF\xBD") != back.npos;
  RC_ASSERT(malformed || back == text);
  RC_ASSERT(text_value(back) == text_value(text));
}

}  // namespace
}  // namespace toll::wire
