// Tables as NDJSON: an object a line comes to what the same row of CSV comes to.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/runtime/rated_table.h"

namespace toll::runtime {
namespace {

TableOptions json() {
  TableOptions options = of_c();
  options.format = TableFormat::Ndjson;
  return options;
}

Rated rated_json(const std::string& table) { return rated(cards(), table, json()); }

TEST(RateNdjson, RatesEachObject) {
  const Rated result = rated_json(
      R"({"customer":"a","calls":"101","tokens[mini,input]":0})"
      "\n"
      R"( { "tokens[mini,input]" : "2000000" , "calls" : 100.0 , "customer" : "b \"the\" \u00e9\ud83d\ude00" } )"
      "\r\n");
  EXPECT_EQ(result.fault, "");
  EXPECT_EQ(result.rejections, "");
  EXPECT_EQ(
      result.amounts,
      R"({"customer":"a","calls":"101","tokens[mini,input]":0,"amount":"0.50"})"
      "\n"
      R"( { "tokens[mini,input]" : "2000000" , "calls" : 100.0 , "customer" : "b \"the\" \u00e9\ud83d\ude00" ,"amount":"2.00"})"
      "\n");
  EXPECT_EQ(result.totals.rows, 2u);
  EXPECT_EQ(result.totals.rated, 2u);
  EXPECT_EQ(result.totals.total, 250);
}

TEST(RateNdjson, AddsUpTheObjectsOfACustomer) {
  const Rated result = rated_json(R"({"customer":"a","meter":"calls","quantity":"60"}
{"customer":"b \"2\"","meter":"tokens","model":"large","kind":"input","quantity":1000000}
{"customer":"a","meter":"calls","model":"","quantity":60}
{"customer":"a","meter":"tokens","kind":"output","model":"mini","quantity":"1000000"}
)");
  EXPECT_EQ(result.fault, "");
  EXPECT_EQ(result.rejections, "");
  EXPECT_EQ(result.amounts,
            R"({"customer":"a","amount":"11.00"}
{"customer":"b \"2\"","amount":"3.00"}
)");
  EXPECT_EQ(result.totals.rows, 4u);
  EXPECT_EQ(result.totals.rated, 4u);
}

TEST(RateNdjson, RejectsObjectsWithTheReason) {
  const Rated result = rated_json(R"({"customer":"a","calls":"102"}
{"customer":"b"}
{"customer":"b","calls":1,"cals":2}
{"customer":"b","calls":1,"calls":2}
{"customer":7,"calls":1}
{"customer":"b","calls":1e3}
{"customer":"b","calls":-1}
{"customer":"b","calls":null}
{"customer":"b","calls":[1]}
{"customer":"b","calls":01}
{"customer":"b\q","calls":1}
{"customer":"b\ud800","calls":1}
{"customer":"b","calls":1
{"customer":"b","calls":1}}
["b",1]

{"customer":"c","calls":"104"})");
  EXPECT_EQ(result.amounts,
            R"({"customer":"a","calls":"102","amount":"1.00"}
{"customer":"c","calls":"104","amount":"2.00"}
)");
  EXPECT_EQ(result.totals.rows, 17u);
  EXPECT_EQ(result.totals.rated, 2u);
  EXPECT_EQ(result.totals.rejected, 15u);
  for (const char* const reason :
       {"\n2,`calls` is missing: write 0 where nothing was used,",
        "\n3,`cals` is not among the names of the first line,", "\n4,`calls` stands twice,",
        "\n5,`customer` is no string,", "\n6,`calls` is written with an exponent,",
        "\n7,`calls` is negative,", "\n8,`calls` is not a number,",
        "\n9,the line is no JSON object of strings and numbers: see its byte 25,",
        "\n10,the line is no JSON object of strings and numbers: see its byte 25,",
        "\n11,the line is no JSON object of strings and numbers: see its byte 16,",
        "\n12,the line is no JSON object of strings and numbers: see its byte 21,",
        "\n13,the JSON object is not closed on its line,",
        "\n14,the line goes on behind its JSON object,", "\n15,the line is no JSON object,",
        "\n16,the line is empty,"})
    EXPECT_NE(result.rejections.find(reason), std::string::npos) << reason << result.rejections;
}

TEST(RateNdjson, RefusesAFirstObjectThatItDoesNotUnderstand) {
  EXPECT_EQ(rated_json("").fault, "1:0 the first line is empty; each line is an object");
  EXPECT_EQ(rated_json("{}\n").fault, "1:0 the first object is empty; it names the columns");
  EXPECT_EQ(rated_json("calls\n").fault, "1:0 the line is no JSON object; each line is an object");
  EXPECT_EQ(rated_json("{\"cals\":1}\n").fault,
            "1:1 `cals` is no meter of the card `c`; did you mean `calls`?");
  EXPECT_EQ(rated_json("{\"calls\":1,\"amount\":2}\n").fault,
            "1:2 the column `amount` is the one that is added; ");
}

/// Many objects go by columns, and come to what the rows of a CSV table do.
TEST(RateNdjson, RatesManyObjectsAsRowsOfCsv) {
  std::mt19937_64 random(5);
  std::string objects, lines = "customer,calls,\"tokens[large, input]\"\n";
  for (int i = 0; i < 20'000; ++i) {
    const std::string customer = random() % 500 == 0 ? "acme" : "customer_" + std::to_string(i);
    const std::string calls = std::to_string(random() % 1'000'000);
    const std::string tokens =
        random() % 300 == 0 ? "0.000000000001" : std::to_string(random() % 10'000'000);
    lines += customer + "," + calls + "," + tokens + "\n";
    const std::string space = random() % 3 == 0 ? " " : "";
    const std::string quote = random() % 2 == 0 ? "\"" : "";
    objects += "{\"customer\":" + space + "\"" + customer + "\"," + space + "\"calls\":" + calls +
               ",\"tokens[large, input]\":" + quote + tokens + quote + "}\n";
  }
  const Rated by_json = rated_json(objects), by_csv = rated(lines);
  EXPECT_EQ(by_json.totals.rows, 20'000u);
  EXPECT_EQ(by_json.totals.rated, by_csv.totals.rated);
  EXPECT_EQ(by_json.totals.rejected, by_csv.totals.rejected);
  EXPECT_EQ(by_json.totals.total, by_csv.totals.total);
  EXPECT_GT(by_csv.totals.rejected, 10u);
}

TEST(RateNdjson, TakesNoOtherNameForTheSame) {
  std::string objects;
  for (int i = 0; i < 5'000; ++i)
    objects +=
        i == 4'000 ? "{\"tokens[mini,  input]\":2000000}\n" : "{\"tokens[mini, input]\":2000000}\n";
  const Rated result = rated_json(objects);
  EXPECT_EQ(result.totals.rated, 4'999u);
  EXPECT_NE(result.rejections.find("\n4001,"), std::string::npos) << result.rejections;
}

TEST(RateNdjson, AddsUpWhereNobodyAsksForAmounts) {
  const std::string table = "{\"calls\":102}\n{\"calls\":104}\n";
  bool given = false;
  const auto totals = rate_table(cards(), json(),
                                 {.read = [&](std::span<char> room) -> Result<size_t> {
                                    if (std::exchange(given, true)) return 0;
                                    std::ranges::copy(table, room.begin());
                                    return table.size();
                                  },
                                  .amounts = {},
                                  .rejections = {}});
  ASSERT_TRUE(totals.has_value());
  EXPECT_EQ(totals->total, 300);
}

}  // namespace
}  // namespace toll::runtime
