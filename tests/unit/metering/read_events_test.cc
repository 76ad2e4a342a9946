#include "metering/read_events.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace toll::metering {
namespace {

std::string event(std::string_view data) {
  return fmt::format(
      R"({{"specversion":"1.0","id":"e1","source":"/gateway","type":"llm.request","subject":"acme",)"
      R"("time":"2026-03-01T12:00:00Z","data":{}}})",
      data);
}

UsageEvent read(std::string_view json) {
  auto result = EventReader().read(json);
  if (!result) {
    ADD_FAILURE() << result.error().pointer << ": " << result.error().message;
    return {};
  }
  return *result;
}

/// "pointer: message" of a refused event.
std::string fault(std::string_view json) {
  const auto result = EventReader().read(json);
  return result ? "accepted" : result.error().pointer + ": " + result.error().message;
}

TEST(ReadEvents, TakesTheAttributesAndTheFields) {
  const UsageEvent read_event = read(event(R"({"model":"large","usage":{"input":12,"x":null}})"));
  EXPECT_EQ(read_event.source, "/gateway");
  EXPECT_EQ(read_event.id, "e1");
  EXPECT_EQ(read_event.type, "llm.request");
  EXPECT_EQ(read_event.subject, "acme");
  EXPECT_EQ(to_string(read_event.time), "2026-03-01T12:00:00Z");
  ASSERT_NE(read_event.field("model"), nullptr);
  EXPECT_EQ(*read_event.field("model"), FieldValue("large"));
  EXPECT_EQ(*read_event.field("usage.input"), FieldValue(Decimal{12, 0}));
  EXPECT_EQ(read_event.field("usage.x"), nullptr);
  EXPECT_EQ(read_event.field("usage"), nullptr);
}

TEST(ReadEvents, TheNumberThatASourceGaveIsNoPartOfWhatAnEventSays) {
  const auto numbered = [](std::string_view sequence) {
    std::string text = event("{}");
    return read(text.insert(1, fmt::format(R"("sequence":{},)", sequence)));
  };
  EXPECT_EQ(numbered(R"("0017")").sequence, 17u);
  EXPECT_EQ(numbered("17 ").sequence, 17u);
  EXPECT_EQ(numbered(R"("999999999999999999")").sequence, 999'999'999'999'999'999u);
  for (const char* other : {R"("")", R"("a17")", R"("17b")", R"("1000000000000000000")", "-1",
                            "1.5", "null", "true", "[1]"})
    EXPECT_EQ(numbered(other).sequence, std::nullopt) << other;
  EXPECT_EQ(read(event("{}")).sequence, std::nullopt);
  EXPECT_EQ(numbered("1"), numbered("2"));
}

// As binary fractions both would be something else.
TEST(ReadEvents, NumbersKeepTheirDigits) {
  const UsageEvent read_event =
      read(event(R"({"a":0.1,"b":123456789012345678.123456789012345678,"c":-5 , "d":1e3})"));
  EXPECT_EQ(*read_event.field("a"), FieldValue(Decimal{1, 1}));
  EXPECT_EQ(std::get<Decimal>(*read_event.field("b")).to_string(),
            "123456789012345678.123456789012345678");
  EXPECT_EQ(*read_event.field("c"), FieldValue(Decimal{-5, 0}));
  EXPECT_EQ(*read_event.field("d"), FieldValue(UnfitNumber{DecimalFault::Exponent}));
}

TEST(ReadEvents, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(fault(R"({"specversion":"1.0"})"), ": attribute `id` is missing");
  EXPECT_EQ(fault(R"({"specversion":"0.3"})"), "/specversion: is not `1.0`");
  EXPECT_EQ(fault(R"({"id":7})"), "/id: is not a string");
  EXPECT_EQ(fault(R"({"id":""})"), "/id: is empty");
  EXPECT_EQ(fault(R"({"id":"a","id":"b"})"), "/id: stands twice");
  EXPECT_EQ(fault(R"({"time":"yesterday"})"),
            "/time: is not a moment of the years 1970 to 2199, such as `2026-03-01T12:00:00Z`");
  for (const std::string text : {"2026-02-30T12:00:00Z", "2026-03-01T12:00:00+9900",
                                 "1969-12-31T12:00:00+0000", "2026-03-01T12:00:00.Z"})
    EXPECT_EQ(fault("{\"time\":\"" + text + "\"}"),
              "/time: is not a moment of the years 1970 to 2199, such as `2026-03-01T12:00:00Z`");
  EXPECT_EQ(fault(R"({"time":"2026-03-01T12:00:00+0200"})"),
            "/time: has no colon in its distance from UTC: write `+02:00`");
  EXPECT_EQ(fault(R"({"time":"2026-03-01T12:00:00.5-05"})"),
            "/time: has no colon in its distance from UTC: write `-05:00`");
  EXPECT_EQ(fault(R"({"time":"2026-03-01T12:00:00.1234567891Z"})"),
            "/time: has 10 decimal places of a second, and at most 9 are kept: write "
            "`2026-03-01T12:00:00.123456789Z`");
  EXPECT_EQ(fault(R"({"time":"2026-03-01T12:00:00"})"),
            "/time: does not say how far it is from UTC: end it with `Z`, or with a distance like "
            "`+02:00`");
  EXPECT_EQ(fault(R"({"data_base64":"aGVsbG8="})"),
            "/data_base64: is not read: send `data` as an object");
  EXPECT_EQ(fault(event(R"([1])")), "/data: is not an object");
  EXPECT_EQ(fault(event(R"({"a":1,"a":2})")), "/data: field `a` stands twice");
  EXPECT_EQ(fault(event(R"({"a":{"b":1},"a.b":2})")), "/data: field `a.b` stands twice");
}

TEST(ReadEvents, RefusesWhatIsNoJson) {
  for (const std::string& json :
       {std::string("{"), std::string("[]"), std::string("null"), event("{}") + "x",
        event(R"({"a":01})"), event(R"({"a":.5})"), event(R"({"a":+1})"), event(R"({"a":--1})"),
        event(R"({"a":nul})"), event(R"({"a":[1,tru]})"), event(R"({"a":[1,{"b":nul}]})"),
        event("{\"a\":\"\xff\"}"), event(R"({"a":"\x"})"), event(R"({"a":NaN})"),
        event(R"({"a" 1})"), event(R"({"a":1,})")})
    EXPECT_NE(fault(json), "accepted") << json;
}

TEST(ReadEvents, OtherAttributesAreReadOver) {
  EXPECT_NE(fault(R"({"traceparent":nul})").find("JSON"), std::string::npos);
  std::string json = event("{}");
  json.insert(1, R"("traceparent":"00-1-2","sequence":3,"list":[1,[true,null]],)");
  EXPECT_EQ(read(json).id, "e1");
}

/// Whatever came before, an event is read as if nothing had.
TEST(ReadEvents, WritesOverTheEventBeforeWithoutATraceOfIt) {
  std::mt19937 random(11);
  const auto below = [&](int bound) { return std::uniform_int_distribution(0, bound - 1)(random); };
  const std::vector<std::string> names = {"a", "b", "model", "z", "mode", "o"};
  const std::vector<std::string> values = {"1", "\"x\"", "null", "true", "-", R"({"a":2,"c":"y"})"};
  EventReader reader;
  UsageEvent over;
  std::vector<std::string> order = names;
  for (int i = 0; i < 4000; ++i) {
    if (below(3) == 0) std::ranges::shuffle(order, random);
    std::string data = "{";
    for (int field = below(static_cast<int>(order.size()) + 1); field > 0; --field)
      data += fmt::format("{}\"{}\":{}", data.size() > 1 ? "," : "",
                          below(30) ? order[static_cast<size_t>(field) - 1] : order[0],
                          values[static_cast<size_t>(below(8)) % values.size()]);
    std::string json = event(data + "}");
    if (below(3) == 0) json.insert(1, fmt::format(R"("sequence":"{}",)", below(100)));
    const auto fresh = EventReader().read(json);
    const auto read = reader.read_over(over, json);
    ASSERT_EQ(read.has_value(), fresh.has_value()) << json;
    if (!fresh) {
      EXPECT_EQ(read.error().message, fresh.error().message);
      continue;
    }
    ASSERT_EQ(over, *fresh) << json;
    ASSERT_EQ(over.sequence, fresh->sequence) << json;
  }
}

TEST(ReadEvents, HoldsItsLimits) {
  EXPECT_EQ(fault(event(fmt::format(R"({{"a":"{}"}})", std::string(kEventBytesMax, 'x')))),
            fmt::format(": is longer than {} bytes", kEventBytesMax));
  std::string deep = "1";
  for (size_t i = 0; i <= kEventDepthMax; ++i) deep = R"({"a":)" + deep + "}";
  EXPECT_NE(fault(event(deep)).find("nests deeper"), std::string::npos);
  std::string lists = "1";
  for (size_t i = 0; i < 10'000; ++i) lists = "[" + lists + "]";
  EXPECT_NE(fault(event(R"({"a":)" + lists + "}")).find("nests deeper"), std::string::npos);
  std::string wide = "{";
  for (size_t i = 0; i <= kEventFieldsMax; ++i)
    wide += fmt::format("{}\"f{}\":1", i == 0 ? "" : ",", i);
  EXPECT_NE(fault(event(wide + "}")).find("at most 256 fields"), std::string::npos);
}

TEST(ReadEvents, EveryLineIsAnEventOrAFault) {
  const std::string text = event("{}") + "\r\n\n  \nnot json\n" + event("{}");
  const EventLines lines = read_event_lines(text);
  EXPECT_EQ(lines.line_of_event, (std::vector<size_t>{1, 5}));
  ASSERT_EQ(lines.faults.size(), 1);
  EXPECT_EQ(lines.faults.front().line, 4);
}

TEST(ReadEvents, ACustomerIsOneThatAPathCanName) {
  const auto of = [](std::string_view subject) {
    std::string text = event("{}");
    return fault(text.replace(text.find("acme"), 4, subject));
  };
  EXPECT_EQ(of(".."), "/subject: is a segment of dots, and no path could name such a customer");
  EXPECT_NE(of("."), "accepted");
  for (const char* good : {"a/b", "...", "a/..", "%2e"}) EXPECT_EQ(of(good), "accepted") << good;
}

/// The id of a refused event.
std::string id_of_fault(std::string_view json) {
  const auto result = EventReader().read(json);
  return result ? "accepted" : result.error().id;
}

TEST(ReadEvents, AFaultNamesTheIdThatTheTextSays) {
  const std::string good = event("{}");
  const auto with = [&](std::string_view old, std::string_view text) {
    std::string changed = good;
    return changed.replace(changed.find(old), old.size(), text);
  };
  EXPECT_EQ(id_of_fault(with("12:00:00Z", "noon")), "e1");
  EXPECT_EQ(id_of_fault(with("1.0", "2.0")), "e1") << "the id stands behind what is wrong";
  EXPECT_EQ(id_of_fault(with("e1", "e\\u0031\\n")), "accepted");
  EXPECT_EQ(id_of_fault(R"({"id":"e\u0031","time":1})"), "e1");
  EXPECT_EQ(id_of_fault(R"({"data":{"id":"x"},"time":1})"), "");
  EXPECT_EQ(id_of_fault(with("{}", "[1]")), "e1");
  EXPECT_EQ(id_of_fault(R"({"id":"e1" "time":1})"), "e1") << "what stands behind it is not JSON";
  EXPECT_EQ(id_of_fault(with(R"("id":"e1")", R"("id":7)")), "");
  EXPECT_EQ(id_of_fault(with(R"("id":"e1")", R"("id":"")")), "");
  EXPECT_EQ(id_of_fault(with(R"("source")", R"("id":"e2","source")")), "") << "which of the two?";
  EXPECT_EQ(id_of_fault(with("e1", std::string(257, 'e'))), "");
  EXPECT_EQ(id_of_fault("nonsense"), "");
}

TEST(ReadEvents, ALeapSecondIsOfTheDayThatItEnds) {
  const auto at = [](std::string_view time) {
    std::string text = event("{}");
    return text.replace(text.find("2026-03-01T12:00:00Z"), 20, time);
  };
  EXPECT_EQ(to_string(read(at("2026-06-30T23:59:60Z")).time), "2026-06-30T23:59:59.999999999Z");
  EXPECT_EQ(fault(at("2026-03-10T23:59:60.5Z")),
            "/time: has a second `60`, and a leap second is the last one of a month of UTC: write "
            "`2026-03-10T23:59:59.5Z`");
}

}  // namespace
}  // namespace toll::metering
