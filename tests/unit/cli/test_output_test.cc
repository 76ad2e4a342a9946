// `toll test --junit` and `--update`.

#include <gtest/gtest.h>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

class TestOutput : public SampleFolder {
 protected:
  std::string file(const std::string& name) {
    return shell("cat '" + folder() + "/" + name + "'").out;
  }

  /// The text with the digits of all durations as 0.
  static std::string untimed(std::string text) {
    for (size_t at = 0; (at = text.find(" time=\"", at)) != text.npos; ++at)
      for (size_t i = at + 7; text[i] != '"'; ++i)
        if (text[i] != '.') text[i] = '0';
    return text;
  }
};

constexpr std::string_view kInvoices = R"(toll 1

# Every amount has a story.
invoice "Old & <new>" for api in 2026-03   # agreed in March
  use api_calls us: 101,000 calls
  expect base           450.00 USD   # was less
  expect api_calls/us     3.50 USD
  expect bill/minimum     6.50 USD
  expect total         9460.00 USD
)";

TEST_F(TestOutput, WritesJunit) {
  save("api.invoices.toll", kInvoices);
  save("broken@2026-01-01.toll",
       "toll 1\n\ncard broken\n\n  example \"Not made\" in 2026-01\n    expect total 0.00 USD\n");
  const Outcome outcome =
      shell("cd '" + folder() + "' && '" TOLL_PROGRAM "' test --junit junit.xml");
  EXPECT_EQ(outcome.exit_code, 1);
  const std::string xml = untimed(file("junit.xml"));
  EXPECT_TRUE(xml.starts_with(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"toll test\" tests=\"5\" failures=\"1\" errors=\"1\" skipped=\"1\" "))
      << xml;
  EXPECT_NE(xml.find("<testcase name=\"Old &amp; &lt;new&gt;\" "
                     "classname=\"api.invoices\" file=\"api.invoices.toll\" "
                     "line=\"4\" time=\"0.000000\">\n      <failure message=\"expect base   "
                     "450.00 USD   api.invoices.toll:6\" type=\"FAIL\">          expect base"),
            std::string::npos)
      << xml;
  EXPECT_NE(xml.find("<skipped message=\"its card is in error\"/>"), std::string::npos) << xml;
  EXPECT_NE(xml.find("type=\"ERROR\""), std::string::npos) << xml;
  EXPECT_EQ(toll("test --junit /nowhere/junit.xml examples/cards").exit_code, 1);
}

TEST_F(TestOutput, JunitHoldsNoCharacterThatXmlForbids) {
  save("api.invoices.toll", R"(toll 1

invoice "Quote' and größe" for api in 2026-03
  expect base 500.00 USD
  expect bill/minimum 10.00 USD
  expect total 510.00 USD
)");
  EXPECT_EQ(toll("test --junit '" + folder() + "/junit.xml' " + folder()).exit_code, 0);
  EXPECT_NE(file("junit.xml").find("name=\"Quote' and größe\""), std::string::npos);
}

TEST_F(TestOutput, UpdatesNothingButAmounts) {
  save("api.invoices.toll", kInvoices);
  const std::string card = file("api@2026-01-01.toll");
  const Outcome outcome = toll("test --update " + folder());
  EXPECT_EQ(outcome.exit_code, 10) << outcome.err;
  EXPECT_TRUE(named(outcome.out)
                  .starts_with("FOLDER/api.invoices.toll\n"
                               "  update  Old & <new>   510.00 USD\n"
                               "          base   450.00 → 500.00 USD   api.invoices.toll:6\n"
                               "          total   9,460.00 → 510.00 USD   api.invoices.toll:9\n"))
      << outcome.out;
  EXPECT_NE(outcome.out.find("2 examples: 1 passed, 0 failed, 1 updated\n"), std::string::npos);
  std::string expected(kInvoices);
  expected.replace(expected.find("450.00"), 6, "500.00");
  expected.replace(expected.find("9460.00"), 7, "510.00");
  EXPECT_EQ(file("api.invoices.toll"), expected);
  EXPECT_EQ(file("api@2026-01-01.toll"), card);
  EXPECT_EQ(toll("test --update " + folder()).exit_code, 0);
}

TEST_F(TestOutput, UpdateWritesNoLinesAndSaysSo) {
  const std::string text = R"(toll 1

invoice "Half" for api in 2026-03
  expect base 1.00 USD
  expect total 510.00 USD
)";
  save("api.invoices.toll", text);
  const Outcome outcome = toll("test --update " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.out.find("  FAIL    Half"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("expect bill/minimum   not stated"), std::string::npos);
  std::string expected = text;
  expected.replace(expected.find("1.00"), 4, "500.00");
  EXPECT_EQ(file("api.invoices.toll"), expected);
}

TEST_F(TestOutput, UpdateIsRefusedInCi) {
  save("api.invoices.toll", kInvoices);
  const Outcome outcome = shell("CI=true '" TOLL_PROGRAM "' test --update " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.err.starts_with("toll: --update does nothing where the environment has CI"));
  EXPECT_EQ(file("api.invoices.toll"), kInvoices);
}

TEST_F(TestOutput, AnExampleThatExpectsNothingFails) {
  save("bare@2026-01-01.toll", R"(toll 1

meter jobs counts call

card bare
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge jobs
    at 0.10 USD per call

  example "Shows nothing" in 2026-01
    use jobs 100 calls
)");
  const Outcome outcome = toll("test " + folder() + "/bare@2026-01-01.toll");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(named(outcome.out)
                  .starts_with("FOLDER/bare@2026-01-01.toll\n"
                               "  FAIL    Shows nothing   10.00 USD\n"
                               "          bare@2026-01-01.toll:14: it expects nothing: add "
                               "`expect total 10.00 USD`\n"))
      << outcome.out << outcome.err;
}

TEST_F(TestOutput, AnExampleThatCannotBeRatedSaysWhereItStands) {
  save("dear@2026-01-01.toll", R"(toll 1

meter jobs counts call

card dear
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge jobs
    at 100000000000000000 USD per call

  charge again on jobs
    at 100000000000000000 USD per call

  example "Too much" in 2026-01
    use jobs 100000000000000000 calls
    expect total 1.00 USD
)");
  const Outcome outcome = toll("test " + folder() + "/dear@2026-01-01.toll");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.out.find("  FAIL    Too much\n"
                             "          dear@2026-01-01.toll:17: the amount of `jobs` needs more"),
            std::string::npos)
      << outcome.out << outcome.err;
}

}  // namespace
}  // namespace toll::cli
