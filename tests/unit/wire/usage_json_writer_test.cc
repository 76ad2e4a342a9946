// A usage document is written as it is read.
#include <gtest/gtest.h>

#include "wire/usage_json.h"

namespace toll::wire {
namespace {

TEST(WriteUsage, IsReadBack) {
  const std::string text =
      R"({"card":"api","on":"2026-03-15","plan":"pro","plan_changes":{"2026-03-16":"max"},)"
      R"("currency":"USD","customer":"acme",)"
      R"("customer_since":"2025-11-01","customer_until":"2026-12-01","period":{"from":"2026-03-01","until":"2026-04-01"},)"
      R"("usage":[{"meter":"calls","at":{"region":"eu"},"quantity":"0.10","from":"2026-03-02",)"
      R"("until":"2026-03-05"},{"meter":"payments","items":["100.00","9.99"]},)"
      R"({"meter":"hours","days":{"2026-03-02":"3.5","2026-03-01":"1"}}],)"
      R"("state":{"final":false,"used_to_date":{"calls":"700000"},)"
      R"("billed_to_date":{"annual":"51000.00"}}})";
  const auto document = read_usage(text);
  ASSERT_TRUE(document);
  EXPECT_EQ(to_json(*document), text);
}

}  // namespace
}  // namespace toll::wire
