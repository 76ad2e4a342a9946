#include "dsl/diagnostic.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace toll::dsl {
namespace {

TEST(Diagnostic, TakesItsSeverityFromTheRegistry) {
  EXPECT_EQ(diagnostic("E002", "x", {}).severity, Severity::Error);
  for (const DiagnosticKind& kind : diagnostic_kinds()) {
    EXPECT_EQ(diagnostic(kind.code, "x", {}).severity, kind.severity);
  }
}

TEST(Diagnostic, IsOfARegisteredKind) {
  EXPECT_THROW(diagnostic("E000", "x", {}), std::logic_error);
  EXPECT_THROW(diagnostic("", "x", {}), std::logic_error);
}

TEST(Diagnostic, ErrorsAreToldFromWarnings) {
  std::vector<Diagnostic> list(2);
  list[0].severity = Severity::Warning;
  list[1].severity = Severity::Warning;
  EXPECT_FALSE(has_errors(list));
  list[1].severity = Severity::Error;
  EXPECT_TRUE(has_errors(list));
  EXPECT_FALSE(has_errors({}));
}

std::string suggested(std::string_view word, std::vector<std::string> candidates) {
  return suggest(word, candidates);
}

TEST(Suggestion, IsTheNearestWord) {
  EXPECT_EQ(suggested("minni", {"nano", "mini", "large"}), "mini");
  EXPECT_EQ(suggested("chrage", {"card", "charge"}), "charge");
  EXPECT_EQ(suggested("gradated", {"volume", "graduated"}), "graduated");
  EXPECT_EQ(suggested("api_call", {"api_callers", "api_calls"}), "api_calls");
  EXPECT_EQ(suggested("inclded", {"included"}), "included");
}

TEST(Suggestion, MustNotBeMadeForAnotherWord) {
  EXPECT_EQ(suggested("pool", {"toll", "poll", "fee"}), "poll");
  EXPECT_EQ(suggested("pool", {"toll", "fee"}), "");
  EXPECT_EQ(suggested("plan", {"fee", "charge", "alert"}), "");
  EXPECT_EQ(suggested("at", {"as", "to"}), "");
  EXPECT_EQ(suggested("read", {"write"}), "");
  EXPECT_EQ(suggested("standard_storage", {"standard", "storage"}), "");
  EXPECT_EQ(suggested("", {"a"}), "");
  EXPECT_EQ(suggested("mini", {}), "");
  EXPECT_EQ(suggested("mini", {"mini"}), "");
}

TEST(Suggestion, PrefersADifferenceInCaseOnly) {
  EXPECT_EQ(suggested("USd", {"USE", "USD"}), "USD");
  EXPECT_EQ(suggested("Fee", {"fee"}), "fee");
  EXPECT_EQ(suggested("AT", {"at"}), "at");
}

TEST(Suggestion, TakesTheFirstOfSeveral) {
  EXPECT_EQ(suggested("largo", {"large", "largi"}), "large");
}

TEST(Suggestion, IsThreeLettersAwayAtMost) {
  EXPECT_EQ(suggested("abcdefghijklmno", {"abcdefghijklxyz"}), "abcdefghijklxyz");
  EXPECT_EQ(suggested("abcdefghijklmno", {"abcdefghijkwxyz"}), "");
}

}  // namespace
}  // namespace toll::dsl
