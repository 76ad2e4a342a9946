// Grants in usage documents, read and written.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "wire/usage_json.h"

namespace toll::wire {
namespace {

/// Each text has one fault: "pointer: sentence".
void expect_refused(const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [text, expected] : cases) {
    const auto document = read_usage(text);
    ASSERT_FALSE(document) << text;
    ASSERT_EQ(document.error().size(), 1u) << text;
    const runtime::UsageFault& fault = document.error().front();
    EXPECT_EQ(fmt::format("{}: {}", fault.pointer, fault.message), expected) << text;
  }
}

TEST(ReadUsage, ReadsGrants) {
  const auto document = read_usage(
      R"({"card":"c","state":{"grants":[
         {"pool":"compute","quantity":"500","expires":"2027-01-01"},
         {"pool":"promo","quantity":0.5,"from":"2026-05-02","recurring":true}]}})");
  ASSERT_TRUE(document) << document.error().front().message;
  ASSERT_EQ(document->grants.size(), 2u);
  EXPECT_EQ(document->grants[0].pool, "compute");
  EXPECT_EQ(document->grants[0].quantity, Ratio(500));
  EXPECT_EQ(document->grants[0].expires, parse_date("2027-01-01"));
  EXPECT_FALSE(document->grants[0].from || document->grants[0].recurring);
  EXPECT_EQ(document->grants[1].quantity, Ratio::of(1, 2));
  EXPECT_EQ(document->grants[1].from, parse_date("2026-05-02"));
  EXPECT_TRUE(document->grants[1].recurring);
}

TEST(ReadUsage, RefusesGrantsThatAreNone) {
  expect_refused({
      {R"({"card":"c","state":{"grants":{}}})",
       "/state/grants: `grants` takes a list in brackets, not an object"},
      {R"({"card":"c","state":{"grants":["500"]}})",
       "/state/grants/0: an element of `grants` is an object in braces, not a text"},
      {R"({"card":"c","state":{"grants":[{"pool":"p"}]}})",
       "/state/grants/0: `quantity` is missing"},
      {R"({"card":"c","state":{"grants":[{"quantity":1}]}})", "/state/grants/0: `pool` is missing"},
      {R"({"card":"c","state":{"grants":[{"pool":"p","quantity":-1}]}})",
       "/state/grants/0/quantity: `-1` is negative: a quantity is 0 or more"},
      {R"({"card":"c","state":{"grants":[{"pool":"p","quantity":1,"until":"2026-01-01"}]}})",
       "/state/grants/0/until: an element of `grants` has no field `until`; its fields are pool, "
       "quantity, from, expires, recurring"},
      {R"({"card":"c","state":{"grants":[{"pool":"p","quantity":1,"expires":"soon"}]}})",
       "/state/grants/0/expires: `soon` is not a date: write it like 2026-03-31"},
  });
}

TEST(WriteUsage, WritesGrantsThatItReadsAgain) {
  const std::string text =
      R"({"card":"c","usage":[],"state":{"grants":[{"pool":"compute","quantity":"500.5",)"
      R"("from":"2026-05-02","expires":"2027-01-01","recurring":true},)"
      R"({"pool":"promo","quantity":"3"}]}})";
  const auto document = read_usage(text);
  ASSERT_TRUE(document);
  EXPECT_EQ(to_json(*document), text);
}

}  // namespace
}  // namespace toll::wire
