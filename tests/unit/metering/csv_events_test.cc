// Events from the lines of a table.
#include "metering/csv_events.h"

#include <gtest/gtest.h>

namespace toll::metering {
namespace {

std::string header_fault(std::string_view header, const CsvDefaults& defaults = {}) {
  const auto table = CsvEvents::open(header, defaults);
  return table ? "" : table.error().message;
}

UsageEvent read(CsvEvents& table, std::string_view line) {
  const auto text = table.text_of(line);
  EXPECT_TRUE(text) << text.error().message;
  auto event = EventReader().read(text.value_or(""));
  EXPECT_TRUE(event) << event.error().message;
  return event.value_or(UsageEvent{});
}

TEST(CsvEvents, ColumnsAreAttributesOrFields) {
  auto table = CsvEvents::open("\xEF\xBB\xBFid,time,customer,data.type,model,usage.tokens,sequence",
                               {.source = "/import", .type = "llm.request", .customer = {}});
  ASSERT_TRUE(table) << table.error().message;
  const UsageEvent event =
      read(*table, R"(r1,2026-03-01T12:00:00Z,acme,"a ""b"", c",large,12.50,7)");
  EXPECT_EQ(event.id, "r1");
  EXPECT_EQ(event.source, "/import");
  EXPECT_EQ(event.type, "llm.request");
  EXPECT_EQ(event.subject, "acme");
  EXPECT_EQ(event.sequence, 7u);
  ASSERT_EQ(event.fields.size(), 3u);
  EXPECT_EQ(std::get<std::string>(*event.field("type")), "a \"b\", c");
  EXPECT_EQ(std::get<std::string>(*event.field("model")), "large");
  EXPECT_EQ(std::get<Decimal>(*event.field("usage.tokens")), (Decimal{1250, 2}));
}

TEST(CsvEvents, OnlyWhatJsonCallsANumberIsOne) {
  auto table = CsvEvents::open("id,time,customer,v", {.source = "/s", .type = "t", .customer = {}});
  ASSERT_TRUE(table);
  const auto value = [&](std::string_view cell) {
    return *read(*table, "1,2026-03-01T12:00:00Z,acme," + std::string(cell)).field("v");
  };
  EXPECT_EQ(std::get<Decimal>(value("-3")), (Decimal{-3, 0}));
  for (const char* text : {"007", "1e3", "1.", ".5", "--1", "NaN", "1 000"})
    EXPECT_EQ(std::get<std::string>(value(text)), text);
  EXPECT_EQ(read(*table, "1,2026-03-01T12:00:00Z,acme,").field("v"), nullptr);
}

TEST(CsvEvents, SayWhatATableLacks) {
  EXPECT_EQ(header_fault("time,customer"), "has no column `id`");
  EXPECT_EQ(header_fault("id,time,source,type"), "has no column `customer`");
  EXPECT_EQ(header_fault("id,time,source,type,subject"), "");
  EXPECT_EQ(header_fault("id,time,source,type,subject,customer"), "has the column `subject` twice");
  EXPECT_EQ(header_fault("id;time;customer"),
            "has a header that seems to be separated by `;`: save the table with commas between "
            "its columns");
  EXPECT_EQ(header_fault("id\ttime").substr(0, 46),
            "has a header that seems to be separated by tab");
  EXPECT_EQ(header_fault("id,,time"), "has a column without a name");
  EXPECT_EQ(header_fault("id,\"time"),
            "has a header whose column 2 opens quotes that are not closed on its line");
  auto table = CsvEvents::open("id,time,source,type,customer", {});
  ASSERT_TRUE(table);
  EXPECT_EQ(table->text_of("1,2").error().message, "has 2 columns, and the header 5");
  EXPECT_EQ(table->text_of("1,\"2").error().message,
            "column 2 opens quotes that are not closed on its line");
}

}  // namespace
}  // namespace toll::metering
