// The line scanner: lines and tokens, and which line of a charge is a price row.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "dsl/scan/line.h"
#include "dsl/scan/rows.h"

namespace toll::dsl::scan {
namespace {

constexpr uint32_t kNoLimit = 1 << 30;

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  LineScanner scanner(text, kNoLimit);
  for (Line line; scanner.next(line);) lines.push_back(line);
  return lines;
}

using Words = std::vector<std::string>;

Words words_of(std::string_view text) {
  Words words;
  for (const Line& line : lines_of(text)) {
    for (const Token& token : line.tokens) words.emplace_back(token.text);
  }
  return words;
}

TokenKind kind_of(std::string_view text) {
  auto lines = lines_of(text);
  EXPECT_EQ(lines.size(), 1u) << text;
  EXPECT_EQ(lines[0].tokens.size(), 1u) << text;
  return lines[0].tokens[0].kind;
}

TEST(LineScanner, CutsAFee) {
  EXPECT_EQ(words_of("  fee base \"Platform fee\" at 500.00 USD per month, in advance  # first"),
            (Words{"fee", "base", "\"Platform fee\"", "at", "500.00", "USD", "per", "month", ",",
                   "in", "advance"}));
}

TEST(LineScanner, KeepsPointsAndHyphensInsideWords) {
  EXPECT_EQ(
      words_of("gpt-4.1-mini lead.qualified half-up Mon-Fri GiB-month off_peak"),
      (Words{"gpt-4.1-mini", "lead.qualified", "half-up", "Mon-Fri", "GiB-month", "off_peak"}));
  EXPECT_EQ(words_of("calls. calls-"), (Words{"calls", ".", "calls", "-"}));
}

TEST(LineScanner, CutsAtPunctuationWithoutBlanks) {
  EXPECT_EQ(words_of("use tokens large,input:120M tokens"),
            (Words{"use", "tokens", "large", ",", "input", ":", "120M", "tokens"}));
  EXPECT_EQ(words_of("storage/standard Etc/GMT+1"),
            (Words{"storage", "/", "standard", "Etc", "/", "GMT", "+", "1"}));
}

TEST(LineScanner, TellsACommaInANumberFromOneBehindIt) {
  EXPECT_EQ(words_of("1,000 calls, 2,000, 3"), (Words{"1,000", "calls", ",", "2,000", ",", "3"}));
}

TEST(LineScanner, FindsIndentationAndComment) {
  std::string text = "  # all by itself\n\n    at 1 USD flat # trailing\n\tx";
  auto lines = lines_of(text);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(lines[0].tokens.empty());
  EXPECT_EQ(lines[0].comment, (Span{2, 17}));
  EXPECT_TRUE(lines[1].tokens.empty());
  EXPECT_FALSE(lines[1].comment);
  EXPECT_EQ(lines[2].indent, 4u);
  EXPECT_EQ(lines[2].number, 3u);
  Span comment = lines[2].comment.value();
  EXPECT_EQ(text.substr(comment.begin, comment.end - comment.begin), "# trailing");
  EXPECT_EQ(lines[3].indent, 2u);
}

TEST(LineScanner, TakesAHashInsideALabelForAHash) {
  EXPECT_EQ(words_of("card a \"No. # 1\""), (Words{"card", "a", "\"No. # 1\""}));
}

TEST(LineScanner, EndsLinesWithOrWithoutCarriageReturn) {
  auto lines = lines_of("toll 1\r\nunit call\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].span, (Span{0, 6}));
  EXPECT_EQ(lines[1].span, (Span{8, 17}));
}

TEST(LineScanner, StepsOverAByteOrderMark) {
  auto lines = lines_of("\xEF\xBB\xBFtoll 1");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].indent, 0u);
  EXPECT_EQ(lines[0].tokens[0].text, "toll");
}

TEST(LineScanner, LooksAtTheBeginningOfALineThatIsTooLong) {
  std::string text = std::string(1000, 'a') + "\nb";
  LineScanner scanner(text, 100);
  Line line;
  ASSERT_TRUE(scanner.next(line));
  EXPECT_TRUE(line.cut);
  EXPECT_EQ(line.tokens[0].text.size(), 100u);
  ASSERT_TRUE(scanner.next(line));
  EXPECT_FALSE(line.cut);
  EXPECT_EQ(line.tokens[0].text, "b");
  EXPECT_FALSE(scanner.next(line));
}

TEST(LineScanner, SortsTokensByShape) {
  EXPECT_EQ(kind_of("call"), TokenKind::Word);
  EXPECT_EQ(kind_of("2026-01-31"), TokenKind::Date);
  EXPECT_EQ(kind_of("2026-01"), TokenKind::Month);
  EXPECT_EQ(kind_of("08:00-20:00"), TokenKind::Hours);
  EXPECT_EQ(kind_of("\"x\""), TokenKind::Label);
  EXPECT_EQ(kind_of("\"x y"), TokenKind::OpenLabel);
  EXPECT_EQ(kind_of("café"), TokenKind::NearWord);
  EXPECT_EQ(kind_of("$"), TokenKind::Stray);
  EXPECT_EQ(kind_of("+"), TokenKind::Punctuation);
  EXPECT_EQ(kind_of("12.5%"), TokenKind::Percent);
  EXPECT_EQ(kind_of("-5"), TokenKind::NearNumber);
  EXPECT_EQ(kind_of(".5"), TokenKind::NearNumber);
  EXPECT_EQ(kind_of("100GB"), TokenKind::NearNumber);
  EXPECT_EQ(kind_of("2026-1-1"), TokenKind::NearNumber);
}

/// Tokens, the comment and the blanks between them make the line again.
RC_GTEST_PROP(LineScanner, LosesNothing, ()) {
  auto pieces = *rc::gen::container<Words>(rc::gen::element<std::string>(
      "at", "1,000", "2.5M", "12%", "\"a b\"", "\"", "#", " ", "  ", "\t", ",", ".", "-", "é", "日",
      "\xFF", "\n", "\r\n", "\r", "2026-01", "x-y", "$", "_", ":"));
  std::string text;
  for (const auto& piece : pieces) text += piece;

  size_t at = 0;
  auto only = [&](uint32_t until, const char* allowed) {
    RC_ASSERT(until >= at);
    RC_ASSERT(text.substr(at, until - at).find_first_not_of(allowed) == std::string::npos);
  };
  LineScanner scanner(text, kNoLimit);
  for (Line line; scanner.next(line);) {
    only(line.span.begin, "\r\n");
    at = line.span.begin;
    for (const Token& token : line.tokens) {
      only(token.span.begin, " \t\r");
      RC_ASSERT(!token.text.empty());
      RC_ASSERT(token.text == text.substr(token.span.begin, token.span.end - token.span.begin));
      at = token.span.end;
    }
    if (line.comment) {
      only(line.comment->begin, " \t\r");
      at = line.comment->end;
      RC_ASSERT(at == line.span.end);
    }
    only(line.span.end, " \t\r");
    at = line.span.end;
  }
  only(static_cast<uint32_t>(text.size()), "\r\n");
}

// ---- Row or statement ----

bool price_row(std::string_view line) { return is_price_row(lines_of(line)[0].tokens); }
bool dimension_row(std::string_view line) { return is_dimension_row(lines_of(line)[0].tokens); }

TEST(PriceRow, BeginsWithAPriceABoundOrKeys) {
  for (auto row : {"at 1 USD flat", "up to 5 calls free", "beyond at 1 USD flat", "free",
                   "any at 1 USD flat", "other, x at 1 USD flat", "mini at 1 USD flat",
                   "mini, output at 1 USD flat", "mini up to 5 calls free", "mini beyond free",
                   "mini free", "card at 1 USD flat", "included at 1 USD flat", "paid free"}) {
    EXPECT_TRUE(price_row(row)) << row;
  }
  for (auto statement :
       {"rounded up to 100 calls", "plan free", "plan free \"Free\"", "included 5 calls",
        "tiers volume", "discount 5%", "mini", "mini output", "fee base at 5 USD per month"}) {
    EXPECT_FALSE(price_row(statement)) << statement;
  }
}

TEST(DimensionRow, HasABoundOrHoursBehindItsName) {
  for (auto row : {"short up to 200", "long beyond", "peak Mon-Fri 08:00-20:00",
                   "off_peak otherwise", "weekend Sat 00:00-24:00", "from beyond"}) {
    EXPECT_TRUE(dimension_row(row)) << row;
  }
  for (auto other : {"unit beyond", "card otherwise", "meter up to", "short",
                     "peak Monday 08:00-20:00", "dimension x is a"}) {
    EXPECT_FALSE(dimension_row(other)) << other;
  }
}

}  // namespace
}  // namespace toll::dsl::scan
