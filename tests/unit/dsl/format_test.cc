// The canonical form, rule by rule: what is written, and what it becomes.
#include "dsl/format.h"

#include <gtest/gtest.h>

#include <chrono>

namespace toll::dsl {
namespace {

/// The canonical text. Formatting it again has to change nothing.
std::string formatted(const std::string& text) {
  const SourceFile file{"a.toll", text};
  const auto result = format(file);
  if (!result) {
    std::string why = "not formatted:\n";
    for (const Diagnostic& d : result.error().diagnostics) why += render(d, {&file, 1});
    return why;
  }
  EXPECT_EQ(format({"a.toll", *result}).value_or("refused"), *result);
  return *result;
}

const std::string kHeader = R"(card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
)";

/// What items of a card become.
std::string formatted_items(const std::string& items) {
  const std::string before = "toll 1\n\n" + kHeader + "\n";
  const std::string text = formatted(before + items);
  EXPECT_TRUE(text.starts_with(before)) << text;
  return text.substr(std::min(before.size(), text.size()));
}

/// What declarations become.
std::string formatted_declarations(const std::string& declarations) {
  const std::string text = formatted("toll 1\n\n" + declarations);
  EXPECT_TRUE(text.starts_with("toll 1\n\n")) << text;
  return text.substr(std::min<size_t>(8, text.size()));
}

std::string code_of_refusal(const std::string& text) {
  const auto result = format({"a.toll", text});
  if (result) return "formatted: " + *result;
  return result.error().diagnostics.empty() ? "nothing" : result.error().diagnostics[0].code;
}

TEST(Format, WritesOneTextForAllLayoutsOfACard) {
  EXPECT_EQ(formatted("toll   1\n"
                      "unit call,calls\n"
                      "meter api_calls counts call\n"
                      "card api \"API\"\n"
                      "from 2026-01-01\n"
                      "    currency USD\n"
                      "\n"
                      "  period month\n"
                      "  round each line half-up\n"
                      "  fee base \"Platform  fee\"   at 1500.00 USD per month,not prorated\n"
                      "  charge api_calls \"API calls\"\n"
                      "\n"
                      "  included 100000 call\n"
                      "      tiers graduated\n"
                      "    up to 1M calls at 0.0040 USD per calls   \n"
                      "    beyond at 3.00 USD per 1000 call\n"
                      "  guarantee bill never decreases\n"
                      "\n\n"
                      "  example \"Growing customer\" in 2026-03\n"
                      "  use api_calls 250000 calls\n"
                      "  expect total 2100.00 USD\n\n"),
            R"(toll 1

unit call, calls
meter api_calls counts call

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base "Platform  fee" at 1,500.00 USD per month, not prorated

  charge api_calls "API calls"
    included 100,000 calls
    tiers graduated
    up to 1M calls at 0.0040 USD per call
    beyond         at 3.00 USD per 1,000 calls

  guarantee bill never decreases

  example "Growing customer" in 2026-03
    use api_calls 250,000 calls
    expect total 2,100.00 USD
)");
}

TEST(Format, SortsHeaderLinesWithTheirComments) {
  EXPECT_EQ(formatted(R"(toll 1
card api "API"
  round each line half-up  # the usual choice
  # whole months
  period month
  time zone Europe/Berlin
  currency EUR
  from 2026-01-01 until 2027-01-01
)"),
            R"(toll 1

card api "API"
  from 2026-01-01 until 2027-01-01
  currency EUR
  time zone Europe/Berlin
  # whole months
  period month
  round each line half-up  # the usual choice
)");
}

TEST(Format, KeepsOneLineItemsTogetherAndSetsOthersApart) {
  EXPECT_EQ(formatted_items(R"(  fee base at 5.00 USD per month, not prorated
  fee more at 5.00 USD per month, not prorated
  charge api_calls
    at 1 USD per call
  limit api_calls unlimited
  alert when bill reaches 400 USD


  guarantee bill never decreases
  guarantee bill at least 5 USD
)"),
            R"(  fee base at 5.00 USD per month, not prorated
  fee more at 5.00 USD per month, not prorated

  charge api_calls
    at 1 USD per call

  limit api_calls unlimited
  alert when bill reaches 400 USD

  guarantee bill never decreases
  guarantee bill at least 5 USD
)");
}

TEST(Format, WritesFeesThatAreDueOnceLikeOthers) {
  EXPECT_EQ(formatted_items("  fee setup   at 2500.00 USD   once,in advance\n"
                            "  fee all at 1200.00 USD per  year,not prorated\n"),
            "  fee setup at 2,500.00 USD once, in advance\n"
            "  fee all at 1,200.00 USD per year, not prorated\n");
}

TEST(Format, AlignsPriceRowsAsATable) {
  EXPECT_EQ(formatted_items(R"(  charge storage by class
    tiers graduated
    standard up to 50 TiB-months at 0.0230 USD per GiB-month
    standard up to 500 TiB-months at 0.0220 USD per GiB-month
    standard beyond at 0.0210 USD per GiB-month
    infrequent at 0.0125 USD per GiB-month
    archive free
  charge tokens by model, kind
    nano,input at 10.00 USD per 1M tokens
    mini, cached_input at 0.025 USD per 1M tokens
    any, any free
)"),
            R"(  charge storage by class
    tiers graduated
    standard up to 50 TiB-months  at 0.0230 USD per GiB-month
    standard up to 500 TiB-months at 0.0220 USD per GiB-month
    standard beyond               at 0.0210 USD per GiB-month
    infrequent                    at 0.0125 USD per GiB-month
    archive                       free

  charge tokens by model, kind
    nano, input        at 10.00 USD per 1M tokens
    mini, cached_input at 0.025 USD per 1M tokens
    any,  any          free
)");
}

/// A row that is not finished yet, beside others.
TEST(Format, LeavesAPriceWithNothingBeforeItWhereItsLineBegins) {
  const std::string rows =
      "  charge api_calls\n    at 0.0040 USD per call\n    short beyond at 0.003 USD per call\n";
  EXPECT_EQ(formatted_items(rows), rows);
}

TEST(Format, EndsATableAtWhatIsNoRow) {
  EXPECT_EQ(formatted_items(R"(  charge tokens by model
    a at 1 USD per token
    # the preview costs more
    a-very-long-name at 2 USD per token
    b at 3 USD per token
    discount 10%
)"),
            R"(  charge tokens by model
    a at 1 USD per token
    # the preview costs more
    a-very-long-name at 2 USD per token
    b                at 3 USD per token
    discount 10%
)");
}

TEST(Format, TellsRowsFromStatementsByTheirSecondWord) {
  EXPECT_EQ(formatted_items(R"(  charge jobs by kind, mode
    rounded up to 10 calls
    card, live at 1 USD per call
    included, batch at 2 USD per call
    guarantee, any free
  guarantee bill never decreases
)"),
            R"(  charge jobs by kind, mode
    rounded up to 10 calls
    card,      live  at 1 USD per call
    included,  batch at 2 USD per call
    guarantee, any   free

  guarantee bill never decreases
)");
}

TEST(Format, AlignsMetersThatFollowOneAnother) {
  EXPECT_EQ(formatted_declarations(R"(unit request, requests
meter storage sums GiB-month by class
meter requests counts request by operation
meter egress sums GiB

meter users counts distinct user_id
meter hosts percentile 99 of host every hour
  from infra.hosts
meter seats peaks seat
)"),
            R"(unit request, requests
meter storage  sums   GiB-month by class
meter requests counts request   by operation
meter egress   sums   GiB

meter users counts distinct user_id
meter hosts percentile 99 of host every hour
  from infra.hosts
meter seats peaks seat
)");
}

TEST(Format, AlignsWhatMetersTakeAndTheValuesOfDimensions) {
  EXPECT_EQ(formatted_declarations(R"(dimension context by input_tokens+cached_tokens
  short up to 200000
  long beyond
dimension window by time in Etc/GMT+1
  peak Mon-Fri 08:00-20:00
  sat Sat 10:00-14:00
  off_peak otherwise
meter tokens sums token by kind
  from llm.request
  take input_tokens less cached_tokens as kind input
  take cached_tokens as kind cached_input
)"),
            R"(dimension context by input_tokens + cached_tokens
  short up to 200,000
  long  beyond
dimension window by time in Etc/GMT+1
  peak     Mon-Fri 08:00-20:00
  sat      Sat     10:00-14:00
  off_peak otherwise
meter tokens sums token by kind
  from llm.request
  take input_tokens less cached_tokens as kind input
  take cached_tokens                   as kind cached_input
)");
}

TEST(Format, WritesCommasInNumbersAndNothingElseIntoThem) {
  EXPECT_EQ(formatted_items(R"(  charge api_calls
    included 1000000 calls
    tiers graduated
    up to 2M calls at 1234.50 USD per 1000 calls
    up to 2500M calls at 0.0230 USD per call
    beyond at 0.12345 USD per call
    surcharge 1000%
  example "In 2026" in 2026-03
    use api_calls 999 calls
    expect total 12345678 USD
)"),
            R"(  charge api_calls
    included 1,000,000 calls
    tiers graduated
    up to 2M calls    at 1,234.50 USD per 1,000 calls
    up to 2500M calls at 0.0230 USD per call
    beyond            at 0.12345 USD per call
    surcharge 1,000%

  example "In 2026" in 2026-03
    use api_calls 999 calls
    expect total 12,345,678 USD
)");
}

TEST(Format, WritesSingularBehindPerAndPluralBehindNumbers) {
  EXPECT_EQ(formatted(R"(toll 1

unit call, calls
unit box, boxes

meter boxes counts box
  once per boxes
meter third counts thing

)" + kHeader + R"(
  charge boxes
    rounded up to 1.0 boxes
    at 1 USD per started 1 boxes

  charge storage
    included 0.5 GiB-month
    included 2 things
    at 1 USD per 1 GiB-months + 2 USD per GPU-hours + 1 USD per things

  limit boxes to 2 box per seconds then block
)"),
            R"(toll 1

unit call, calls
unit box, boxes

meter boxes counts box
  once per boxes
meter third counts thing

)" + kHeader + R"(
  charge boxes
    rounded up to 1.0 box
    at 1 USD per started 1 box

  charge storage
    included 0.5 GiB-months
    included 2 things
    at 1 USD per 1 GiB-month + 2 USD per GPU-hour + 1 USD per things

  limit boxes to 2 boxes per second then block
)");
}

TEST(Format, KeepsCommentsWithTheirStatements) {
  EXPECT_EQ(formatted(R"(# A head.


# Above the first line.
toll 1
# About the unit.
unit call, calls # one
unit seat, seats     # another
card api "API"
    # When.
  from 2026-01-01
# Prices.

  # About the charge.
  charge api_calls # the main one
    # Few.

    up to 10 calls at 1 USD per call # a
    beyond at 22 USD per call# b
    discount 10%	# c
    # Nothing else.

  # About the fee.
  fee base at 5 USD per month, not prorated
  # Last.
)"),
            R"(# A head.

# Above the first line.
toll 1

# About the unit.
unit call, calls  # one
unit seat, seats  # another

card api "API"
  # When.
  from 2026-01-01

  # Prices.

  # About the charge.
  charge api_calls  # the main one
    # Few.
    up to 10 calls at 1 USD per call   # a
    beyond         at 22 USD per call  # b
    discount 10%  # c
    # Nothing else.

  # About the fee.
  fee base at 5 USD per month, not prorated
  # Last.
)");
}

TEST(Format, SetsDeclarationsApartAsTheAuthorDid) {
  EXPECT_EQ(formatted(R"(toll 1
unit call, calls
dimension region is eu, us


meter api_calls counts call
invoice "A" for api in 2026-03
  expect total 1 USD
invoice "B" for api in 2026-03
  expect total 1 USD
)"),
            R"(toll 1

unit call, calls
dimension region is eu, us

meter api_calls counts call

invoice "A" for api in 2026-03
  expect total 1 USD

invoice "B" for api in 2026-03
  expect total 1 USD
)");
}

TEST(Format, IsTheWayOutOfTabsAndForeignLineEnds) {
  EXPECT_EQ(formatted("\xEF\xBB\xBFtoll 1\r\n\r\n\tunit\tcall, calls\t# a\tb \r\n"),
            "toll 1\n\nunit call, calls  # a  b\n");
}

TEST(Format, RefusesWhatCannotBeRead) {
  EXPECT_EQ(code_of_refusal(""), "E001");
  EXPECT_EQ(code_of_refusal("toll 1\n\n  unit call calls\n"), "E004");
  EXPECT_EQ(code_of_refusal("toll 1\n\nentitlement x\n"), "E002");
  // A tab in a label is part of what the label says.
  EXPECT_EQ(code_of_refusal("toll 1\n\ncard api \"A\tPI\"\n"), "E012");
}

TEST(Format, ListsNoMoreMistakesThanAnyoneReads) {
  std::string text = "toll 1\n";
  for (int i = 0; i < 200; ++i) text += "unit " + std::to_string(i) + "\n";
  const auto result = format({"a.toll", text});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().diagnostics.size(), 50u);
}

TEST(Format, DoesNotPadBeyondAllMeasure) {
  // One key of 4,000 columns would make every row as wide: a megabyte would become a hundred.
  std::string text = "toll 1\n\n" + kHeader + "\n  charge c by a, b\n    ";
  for (int i = 0; i < 30; ++i) text += std::string(120, 'k') + ", ";
  text += "k at 1 USD per call\n";
  for (int i = 0; i < 35'000; ++i) text += "    a, b at 1 USD per call\n";
  ASSERT_LT(text.size(), size_t{1} << 20);
  const auto begin = std::chrono::steady_clock::now();
  const auto result = format({"a.toll", text});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, text);
}

}  // namespace
}  // namespace toll::dsl
