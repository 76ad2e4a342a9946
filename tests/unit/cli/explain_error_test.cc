// `toll explain-error`.

#include <gtest/gtest.h>

#include "dsl/diagnostic.h"
#include "tests/unit/cli/program.h"

namespace toll::cli {
namespace {

TEST(ExplainErrorCommand, PrintsThePageWithBothTexts) {
  const Outcome outcome = toll("explain-error E107");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(outcome.out.starts_with(
      "E107: amount has a part smaller than the currency's smallest\n\nAn amount"))
      << outcome.out;
  EXPECT_TRUE(
      outcome.out.ends_with("\n\nWrong:\n\n"
                            "      charge api_calls \"API calls\"\n"
                            "        at 0.005 USD flat\n"
                            "\nRight:\n\n"
                            "      charge api_calls \"API calls\"\n"
                            "        at 0.005 USD per call\n"))
      << outcome.out;
}

TEST(ExplainErrorCommand, TakesACodeAsItStandsInAMessage) {
  const std::string page = toll("explain-error E204").out;
  EXPECT_EQ(toll("explain-error e204").out, page);
  EXPECT_EQ(toll("explain-error 'error[E204]'").out, page);
}

TEST(ExplainErrorCommand, ListsAllKinds) {
  const Outcome list = toll("explain-error");
  EXPECT_EQ(list.exit_code, 0);
  std::string expected;
  for (const dsl::DiagnosticKind& kind : dsl::diagnostic_kinds())
    expected += std::string(kind.code) + "  " + std::string(kind.title) + "\n";
  EXPECT_EQ(list.out, expected);
  for (const dsl::DiagnosticKind& kind :
       {dsl::diagnostic_kinds().front(), dsl::diagnostic_kinds().back()})
    EXPECT_TRUE(toll("explain-error " + std::string(kind.code)).out.starts_with(kind.code));
}

TEST(ExplainErrorCommand, DoesNotKnowOthers) {
  const Outcome near = toll("explain-error E2044");
  EXPECT_EQ(near.exit_code, 2);
  EXPECT_EQ(near.err, "toll: there is no error `E2044`\nhelp: did you mean `E204`?\n");
  EXPECT_EQ(toll("explain-error nonsense").err,
            "toll: there is no error `nonsense`\nhelp: `toll explain-error` lists all codes\n");
}

}  // namespace
}  // namespace toll::cli
