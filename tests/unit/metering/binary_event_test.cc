// Events whose attributes come beside their data.
#include "metering/binary_event.h"

#include <gtest/gtest.h>

namespace toll::metering {
namespace {

const std::vector<EventAttribute> kAttributes = {
    {"specversion", "1.0"}, {"ID", "a\"b"},      {"source", "/s"},
    {"type", "t"},          {"subject", "acme"}, {"time", "2026-03-01T12:00:00Z"}};

std::string fault(std::vector<EventAttribute> attributes, std::string_view data) {
  const auto text = text_of_binary(attributes, data);
  return text ? "" : text.error().message;
}

TEST(BinaryEvent, IsReadLikeTheJsonFormat) {
  const auto text = text_of_binary(kAttributes, " {\"n\": 1.50} ");
  ASSERT_TRUE(text);
  const auto event = EventReader().read(*text);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->id, "a\"b");
  ASSERT_EQ(event->fields.size(), 1u);
  EXPECT_EQ(std::get<Decimal>(event->fields[0].second), (Decimal{150, 2}));
  EXPECT_TRUE(EventReader().read(*text_of_binary(kAttributes, " \n")));
}

TEST(BinaryEvent, DataCannotBecomeAttributes) {
  // What has no comma in it is no JSON, and EventReader says so.
  EXPECT_FALSE(
      EventReader().read(text_of_binary(kAttributes, R"({}"subject":"other")").value_or("")));
  for (const char* data : {R"({},"subject":"other")", "{}}", "1,2", "{", "\"", "{} ] [ {}"})
    EXPECT_EQ(fault(kAttributes, data), "has data that is not one JSON value") << data;
}

TEST(BinaryEvent, NamesOfAttributesAreThoseOfCloudEvents) {
  for (const char* name : {"data", "a-b", "datacontenttype", "a_b", ""})
    EXPECT_TRUE(fault({{name, "x"}}, "").contains("which is no attribute of an event")) << name;
  EXPECT_EQ(fault({{"id", "x"}, {"Id", "x"}}, ""), "has the header `ce-id` twice");
  EXPECT_EQ(fault({{"id", "\xff"}}, ""), "has a header `ce-id` that is not UTF-8");
}

}  // namespace
}  // namespace toll::metering
