// Structure: what a line is depends on what is open; a bad line costs itself and no other.

#include "dsl/parse.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace toll::dsl {
namespace {

Parsed parse_text(std::string text) { return parse({"f.toll", std::move(text)}, 0); }

/// "CODE@LINE" of each diagnostic.
std::vector<std::string> found(const std::string& text) {
  SourceFile file{"f.toll", text};
  std::vector<std::string> result;
  for (const Diagnostic& d : parse(file, 0).diagnostics) {
    auto at = line_column(file, d.primary.place.span.begin);
    result.push_back(d.code + "@" + std::to_string(at.line));
  }
  return result;
}

using Found = std::vector<std::string>;

const std::string kCard =
    "toll 1\n"
    "card c\n"
    "  from 2026-01-01\n";  // line 3

// ---- The first line ----

TEST(FirstLine, IsTollOne) {
  EXPECT_EQ(found("toll 1\n"), Found{});
  EXPECT_EQ(found("\n# a comment\n\ntoll 1"), Found{});
  EXPECT_EQ(found("\xEF\xBB\xBFtoll 1\r\nunit call\r\n"), Found{});
  EXPECT_EQ(found(""), Found{"E001@1"});
  EXPECT_EQ(found("# nothing but a comment\n"), Found{"E001@1"});
  EXPECT_EQ(found("\nunit call\n"), Found{"E001@2"});
  EXPECT_EQ(found("toll 2\nunit call\n"), Found{"E001@1"});
  EXPECT_EQ(found("toll\nunit call\n"), Found{"E001@1"});
  EXPECT_EQ(found("toll 1 and more\nunit call\n"), Found{"E001@1"});
  EXPECT_EQ(found("  toll 1\nunit call\n"), Found{"E003@1"});
  EXPECT_EQ(found("toll 1\ntoll 1\nunit call\n"), Found{"E006@2"});
}

TEST(FirstLine, IsNotMissedWhereItIsMissing) {
  auto parsed = parse_text("unit call\nmeter m counts call\n");
  EXPECT_EQ(parsed.tree.declarations.size(), 2u);
}

// ---- Structure ----

TEST(Structure, FollowsFromKeywords) {
  auto parsed = parse_text(
      "toll 1\n"
      "dimension d by size\n"
      "  small up to 5\n"
      "  from beyond\n"
      "meter m counts call\n"
      "  from a.b\n"
      "card c\n"
      "  from 2026-01-01\n"
      "  charge m\n"
      "    card at 1 USD flat\n"
      "    fee up to 5 calls free\n"
      "  example \"e\"\n"
      "    use m 5 calls\n"
      "  fee base at 5 USD per month\n"
      "invoice \"i\" for c\n"
      "  use m 5 calls\n"
      "  expect total 5 USD\n");
  EXPECT_TRUE(parsed.diagnostics.empty());
  const auto& declarations = parsed.tree.declarations;
  ASSERT_EQ(declarations.size(), 4u);
  EXPECT_EQ(std::get<syntax::Dimension>(declarations[0]).derived.at(1).name.text, "from");
  EXPECT_EQ(std::get<syntax::Meter>(declarations[1]).from.at(0).text, "a.b");
  const auto& card = std::get<syntax::Card>(declarations[2]);
  EXPECT_EQ(card.headers.size(), 1u);
  ASSERT_EQ(card.items.size(), 3u);
  EXPECT_EQ(std::get<syntax::Charge>(card.items[0]).lines.size(), 2u);
  EXPECT_EQ(std::get<syntax::Example>(card.items[1]).uses.size(), 1u);
  EXPECT_EQ(std::get<syntax::Example>(declarations[3]).uses.size(), 1u);
}

TEST(Structure, KnowsWhereALineBelongs) {
  EXPECT_EQ(found("toll 1\nfee base at 5 USD per month\n"), Found{"E006@2"});
  EXPECT_EQ(found("toll 1\nincluded 5 calls\n"), Found{"E006@2"});
  EXPECT_EQ(found("toll 1\nat 5 USD flat\n"), Found{"E006@2"});
  EXPECT_EQ(found("toll 1\ntake tokens\n"), Found{"E006@2"});
  EXPECT_EQ(found("toll 1\nuse m 5 calls\n"), Found{"E006@2"});
  EXPECT_EQ(found("toll 1\nperiod month\n"), Found{"E006@2"});
  EXPECT_EQ(found(kCard + "  take tokens\n"), Found{"E006@4"});
  EXPECT_EQ(found(kCard + "  discount 5%\n"), Found{"E006@4"});
  EXPECT_EQ(found(kCard + "  guarantee bill never decreases\n  currency USD\n"), Found{"E006@5"});
}

TEST(Structure, OpensWhatALineMeansEvenIfItCannotBeRead) {
  auto parsed = parse_text(
      "toll 1\n"
      "meter m median call\n"
      "  from a.b\n"
      "card c \"not closed\n"
      "  from 2026-01-01\n"
      "  charge m at once\n"
      "    at 5 USD flat\n"
      "unit call\n");
  ASSERT_EQ(parsed.diagnostics.size(), 3u);
  ASSERT_EQ(parsed.tree.declarations.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<syntax::Unit>(parsed.tree.declarations[0]));
  std::vector<std::string> unread;
  for (const auto& word : parsed.tree.unread) unread.push_back(word.text);
  EXPECT_EQ(unread, (std::vector<std::string>{"m", "c", "m"}));
}

TEST(Structure, MarksBlocksThatLostALine) {
  auto parsed = parse_text(
      "toll 1\n"
      "dimension d by size\n"
      "  small up to\n"
      "meter m counts call\n"
      "  from\n"
      "card c\n"
      "  charge m\n"
      "    at 5 USD per\n"
      "  charge n\n"
      "    at 5 USD flat\n"
      "  example \"e\"\n"
      "    expect total\n"
      "card d\n"
      "  charge m\n"
      "    at 5 USD flat\n");
  EXPECT_EQ(parsed.diagnostics.size(), 4u);
  const auto& list = parsed.tree.declarations;
  ASSERT_EQ(list.size(), 4u);
  EXPECT_TRUE(std::get<syntax::Dimension>(list[0]).damaged);
  EXPECT_TRUE(std::get<syntax::Meter>(list[1]).damaged);
  const auto& c = std::get<syntax::Card>(list[2]);
  EXPECT_TRUE(c.damaged);
  EXPECT_TRUE(std::get<syntax::Charge>(c.items[0]).damaged);
  EXPECT_FALSE(std::get<syntax::Charge>(c.items[1]).damaged);
  EXPECT_TRUE(std::get<syntax::Example>(c.items[2]).damaged);
  EXPECT_FALSE(std::get<syntax::Card>(list[3]).damaged);
}

TEST(Structure, ReadsAMisspelledBlockAsTheBlock) {
  EXPECT_EQ(found("toll 1\ncrad c\n  from 2026-01-01\n  chrage m\n    at 5 USD per\n"),
            (Found{"E002@2", "E002@4", "E004@5"}));
}

TEST(Structure, PassesOverWhatIsBelowAnUnknownLine) {
  EXPECT_EQ(found(kCard + "  wallet pro \"Pro\"\n"
                          "    fee base at 5 USD per month\n"
                          "    limit m to 5 calls then block\n"
                          "      anything at all\n"
                          "  fee base at 5 USD per month\n"),
            Found{"E002@4"});
  EXPECT_EQ(found("toll 1\nsupplier s\n  at 5\n    deeper\n  meter m counts call\n"),
            (Found{"E002@2", "E003@5"}));
}

TEST(Structure, TakesALineWithAPriceForARow) {
  EXPECT_EQ(found(kCard + "  charge m by model, kind\n    mini output at 5 USD flat\n"),
            Found{"E004@5"});
}

TEST(Errors, OfAFileAreAllFound) {
  EXPECT_EQ(found("toll 1\n"
                  "unit 5\n"
                  "meter m counts\n"
                  "card c\n"
                  "  from 2026-02-30\n"
                  "  currency\n"
                  "  charge m\n"
                  "    at 1,00 USD per call\n"
                  "    discount ten\n"),
            (Found{"E004@2", "E004@3", "E018@5", "E004@6", "E014@8", "E004@9"}));
}

TEST(Errors, AreListedUpToALimit) {
  std::string text = "toll 1\n";
  for (int i = 0; i < 60; ++i) text += "unit " + std::to_string(i) + "\n";
  auto parsed = parse_text(text);
  ASSERT_EQ(parsed.diagnostics.size(), 51u);
  EXPECT_EQ(parsed.diagnostics.back().code, "E025");
  EXPECT_EQ(parsed.diagnostics.back().message, "10 more errors in this file");
}

// ---- Indentation ----

TEST(Indentation, AgreesWithTheStructure) {
  EXPECT_EQ(found("toll 1\n unit call\n"), Found{"E003@2"});
  EXPECT_EQ(found("toll 1\nmeter m counts call\nfrom a.b\n"), Found{"E003@3"});
  EXPECT_EQ(found("toll 1\ndimension d by size\n    small up to 5\n"), Found{"E003@3"});
  EXPECT_EQ(found("toll 1\ncard c\n    from 2026-01-01\n"), Found{"E003@3"});
  EXPECT_EQ(found(kCard + "  charge m\n  at 5 USD flat\n"), Found{"E003@5"});
  EXPECT_EQ(found(kCard + "  charge m\n    at 5 USD flat\n    charge n\n"), Found{"E003@6"});
  EXPECT_EQ(found(kCard + "  example \"e\"\n  expect total 5 USD\n"), Found{"E003@5"});
  EXPECT_EQ(found("toll 1\ninvoice \"i\" for c\n    expect total 5 USD\n"), Found{"E003@3"});
}

TEST(Indentation, IsReportedOnceForARunOfLines) {
  std::string text = kCard + "  charge m\n";
  for (int i = 1; i <= 4; ++i) text += "  up to " + std::to_string(i) + " calls at 1 USD flat\n";
  text += "    beyond at 1 USD flat\n  discount 5%\n";
  EXPECT_EQ(found(text), (Found{"E003@5", "E003@10"}));
  auto parsed = parse_text(text);
  EXPECT_EQ(parsed.diagnostics[0].notes.back().text, "3 further lines too, up to line 8");
  const auto& card = std::get<syntax::Card>(parsed.tree.declarations.at(0));
  EXPECT_EQ(std::get<syntax::Charge>(card.items.at(0)).lines.size(), 6u);
  EXPECT_FALSE(card.damaged);
}

TEST(Indentation, OfTabsIsReportedAsTabs) {
  auto parsed = parse_text(kCard + "\tcharge m\n\t\tat 5 USD flat\n");
  ASSERT_EQ(parsed.diagnostics.size(), 1u);
  EXPECT_EQ(parsed.diagnostics[0].code, "E012");
  EXPECT_EQ(parsed.diagnostics[0].notes.back().text, "line 5 too");
  EXPECT_EQ(std::get<syntax::Card>(parsed.tree.declarations.at(0)).items.size(), 1u);
}

// ---- Places, lines, identity ----

TEST(Places, NameTheFile) {
  auto parsed = parse({"f.toll", "toll 1\nunit 5\n"}, 7);
  EXPECT_EQ(parsed.diagnostics.at(0).primary.place.file, 7u);
}

TEST(LineColumn, CountsCodePoints) {
  SourceFile file{"f", "\xEF\xBB\xBFtoll 1\r\ncard a \"日本é\" x"};
  EXPECT_EQ(line_column(file, 3).column, 1u);
  uint32_t x = static_cast<uint32_t>(file.text.size() - 1);
  EXPECT_EQ(line_column(file, x).line, 2u);
  EXPECT_EQ(line_column(file, x).column, 14u);
  EXPECT_EQ(line_column(file, 1000).column, 15u);
}

TEST(LineIndex, FindsLinesByOffset) {
  LineIndex index("ab\r\n\nc");
  EXPECT_EQ(index.line(0), 1u);
  EXPECT_EQ(index.line(3), 1u);
  EXPECT_EQ(index.line(4), 2u);
  EXPECT_EQ(index.line(5), 3u);
  EXPECT_EQ(index.line(99), 3u);
  EXPECT_EQ(index.bytes(1), (Span{0, 2}));
  EXPECT_EQ(index.bytes(2), (Span{4, 4}));
  EXPECT_EQ(index.bytes(3), (Span{5, 6}));
  EXPECT_EQ(LineIndex("a\n").line(2), 2u);
}

std::string canonical(std::string_view text) {
  return canonical_tokens(text, {0, static_cast<uint32_t>(text.size())});
}

TEST(CanonicalTokens, LeaveOutLayoutAndComments) {
  std::string plain = canonical("meter m counts call by a, b\nunit call\n");
  EXPECT_EQ(plain, "meter m counts call by a , b\nunit call\n");
  EXPECT_EQ(canonical("\n# why\nmeter  m counts call by a ,b # here\r\n\n  unit call"), plain);
}

TEST(CanonicalTokens, KeepEverythingElse) {
  std::string plain = canonical("a at 1,000 USD");
  for (auto other : {"a at 1000 USD", "b at 1,000 USD", "a at 1,000 EUR", "a\nat 1,000 USD",
                     "a at 1,000", "a , at 1,000 USD"}) {
    EXPECT_NE(canonical(other), plain) << other;
  }
  EXPECT_NE(canonical("card a \"x  y\""), canonical("card a \"x y\""));
}

TEST(CanonicalTokens, AreThoseOfTheBlock) {
  EXPECT_EQ(canonical_tokens("toll 1\nunit call # x\nmeter m", {7, 16}), "unit call\n");
}

}  // namespace
}  // namespace toll::dsl
