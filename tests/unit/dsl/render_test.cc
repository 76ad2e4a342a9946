// What a diagnostic looks like, character by character.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dsl/diagnostic.h"

namespace toll::dsl {
namespace {

/// A diagnostic on the first occurrence of `text` in `file`.
Place place_of(const SourceFile& file, std::string_view text, uint32_t index = 0) {
  size_t at = file.text.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  uint32_t begin = static_cast<uint32_t>(at);
  return {index, {begin, begin + static_cast<uint32_t>(text.size())}};
}

std::string rendered(const Diagnostic& d, const SourceFile& file) { return render(d, {&file, 1}); }

std::string repeated(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(Render, ShowsTheLineAndTheCarets) {
  SourceFile file{"api.toll", "toll 1\n\n    at 1,00 EUR per call\n"};
  auto d = diagnostic("E014", "`1,00` is not a number in Toll", place_of(file, "1,00"),
                      "a comma groups thousands; decimals use a point");
  d.notes.push_back({"help", "write `1.00`"});
  EXPECT_EQ(rendered(d, file),
            "api.toll:3:8: error[E014]: `1,00` is not a number in Toll\n"
            "  |\n"
            "3 |     at 1,00 EUR per call\n"
            "  |        ^^^^ a comma groups thousands; decimals use a point\n"
            "  = help: write `1.00`\n");
}

TEST(Render, ShowsRelatedLinesInTheOrderOfTheText) {
  std::string text;
  for (int i = 1; i <= 8; ++i) text += "#\n";
  text += "meter api counts call\n    at 1 USD per token\n";
  SourceFile file{"ai.toll", text};
  auto d = diagnostic("E004", "m", place_of(file, "token"), "tokens");
  d.related.push_back({place_of(file, "call"), "the meter counts calls"});
  EXPECT_EQ(rendered(d, file),
            "ai.toll:10:18: error[E004]: m\n"
            "   |\n"
            " 9 | meter api counts call\n"
            "   |                  ---- the meter counts calls\n"
            "10 |     at 1 USD per token\n"
            "   |                  ^^^^^ tokens\n");
}

TEST(Render, LeavesNothingForATerminalToObey) {
  SourceFile file{"f.toll", "fee base"};
  auto d =
      diagnostic("E004", "`\x1B[31m\xE2\x80\xAE` is none", place_of(file, "base"), "\x07 here");
  d.notes.push_back({"help", "not \x1B"});
  EXPECT_EQ(rendered(d, file),
            "f.toll:1:5: error[E004]: `\uFFFD[31m\uFFFD` is none\n"
            "  |\n"
            "1 | fee base\n"
            "  |     ^^^^ \uFFFD here\n"
            "  = help: not \uFFFD\n");
}

TEST(Render, ShowsTwoMarksOfOneLineBelowEachOther) {
  SourceFile file{"f", "up to 50 TB at 1 USD per GiB"};
  auto d = diagnostic("E004", "m", place_of(file, "GiB"), "binary");
  d.related.push_back({place_of(file, "TB"), "decimal"});
  EXPECT_EQ(rendered(d, file),
            "f:1:26: error[E004]: m\n"
            "  |\n"
            "1 | up to 50 TB at 1 USD per GiB\n"
            "  |          -- decimal\n"
            "  |                          ^^^ binary\n");
}

TEST(Render, ShowsPlacesInOtherFilesUnderTheirNames) {
  std::vector<SourceFile> files = {{"a.toll", "unit call\n"}, {"b.toll", "\n\nunit call, calls\n"}};
  auto d = diagnostic("E004", "m", place_of(files[0], "call"));
  d.related.push_back({place_of(files[1], "call", 1), "declared here"});
  EXPECT_EQ(render(d, files),
            "a.toll:1:6: error[E004]: m\n"
            "  |\n"
            "1 | unit call\n"
            "  |      ^^^^\n"
            " --> b.toll:3:6\n"
            "  |\n"
            "3 | unit call, calls\n"
            "  |      ---- declared here\n");
}

TEST(Render, PutsFurtherLinesOfANoteBelowItsFirstWord) {
  SourceFile file{"f", "x"};
  auto d = diagnostic("E004", "m", place_of(file, "x"));
  d.notes.push_back({"help", "one\ntwo"});
  d.notes.push_back({"note", "three"});
  EXPECT_TRUE(rendered(d, file).ends_with("  = help: one\n          two\n  = note: three\n"));
}

TEST(Render, PlacesCaretsByTheWidthOfCharacters) {
  SourceFile wide{"f", "card a \"日本\" x"};
  EXPECT_TRUE(rendered(diagnostic("E004", "m", place_of(wide, "x")), wide)
                  .ends_with("1 | card a \"日本\" x\n  |               ^\n"));
  SourceFile combining{"f", "card a \"e\u0301\" x"};
  EXPECT_TRUE(rendered(diagnostic("E004", "m", place_of(combining, "x")), combining)
                  .ends_with("\n  |            ^\n"));
  SourceFile below{"f", "card a \"日本\""};
  EXPECT_TRUE(rendered(diagnostic("E004", "m", place_of(below, "日本")), below)
                  .ends_with("\n  |         ^^^^\n"));
}

TEST(Render, LetsNoControlCharacterThrough) {
  SourceFile file{"f", "a\x1B[31m\u202E\u200B\xFFz\tx"};
  std::string text = rendered(diagnostic("E004", "m", place_of(file, "x")), file);
  EXPECT_TRUE(text.ends_with("1 | a\uFFFD[31m\uFFFD\uFFFD\uFFFDz x\n  |            ^\n")) << text;
}

TEST(Render, PointsBehindTheEndOfALine) {
  SourceFile file{"f", "included 100\r\nx"};
  EXPECT_EQ(rendered(diagnostic("E004", "m", {0, {12, 12}}), file),
            "f:1:13: error[E004]: m\n"
            "  |\n"
            "1 | included 100\n"
            "  |             ^\n");
}

TEST(Render, ShowsAnEmptyFile) {
  SourceFile file{"f", ""};
  EXPECT_EQ(rendered(diagnostic("E001", "m", {0, {0, 0}}), file),
            "f:1:1: error[E001]: m\n  |\n1 |\n  | ^\n");
}

TEST(Render, MarksTheFirstLineOfAPlaceThatGoesOn) {
  SourceFile file{"f", "card a\n  from x\n"};
  EXPECT_EQ(rendered(diagnostic("E004", "m", {0, {0, 15}}), file),
            "f:1:1: error[E004]: m\n  |\n1 | card a\n  | ^^^^^^\n");
}

TEST(Render, CutsALongLineAroundTheCaret) {
  SourceFile file{"f", std::string(500, 'a') + " x " + std::string(500, 'b')};
  std::string text = rendered(diagnostic("E004", "m", place_of(file, " x ")), file);
  EXPECT_TRUE(text.contains("1 | …" + std::string(30, 'a') + " x " + std::string(77, 'b') + "…\n"))
      << text;
  EXPECT_TRUE(text.ends_with("\n  | " + std::string(31, ' ') + "^^^\n")) << text;
}

TEST(Render, KeepsTheBeginningOrTheEndOfALongLineWhole) {
  SourceFile file{"f", "x " + std::string(500, 'a') + " y"};
  std::string begin = rendered(diagnostic("E004", "m", place_of(file, "x")), file);
  EXPECT_TRUE(begin.contains("1 | x " + std::string(108, 'a') + "…\n")) << begin;
  std::string end = rendered(diagnostic("E004", "m", place_of(file, "y")), file);
  EXPECT_TRUE(end.contains("1 | …" + std::string(108, 'a') + " y\n")) << end;
  EXPECT_TRUE(end.ends_with("\n  | " + std::string(110, ' ') + "^\n")) << end;
}

TEST(Render, KeepsCaretsInPlaceWhereTheCutHalvesACharacter) {
  SourceFile file{"f", repeated("日", 101) + "x" + repeated("本", 100)};
  std::string text = rendered(diagnostic("E004", "m", place_of(file, "x")), file);
  EXPECT_TRUE(text.ends_with("\n  | " + std::string(31, ' ') + "^\n")) << text;
  EXPECT_TRUE(text.contains("1 | …" + repeated("日", 15) + "x" + repeated("本", 39) + "…\n"))
      << text;
  SourceFile odd{"f", "a" + repeated("日", 101) + "xy" + repeated("本", 100)};
  text = rendered(diagnostic("E004", "m", place_of(odd, "y")), odd);
  EXPECT_TRUE(text.contains("1 | … " + repeated("日", 14) + "xy")) << text;
  EXPECT_TRUE(text.ends_with("\n  | " + std::string(31, ' ') + "^\n")) << text;
}

TEST(Render, StepsOverAByteOrderMark) {
  SourceFile file{"f", "\xEF\xBB\xBFtoll 2"};
  EXPECT_EQ(rendered(diagnostic("E001", "m", place_of(file, "2")), file),
            "f:1:6: error[E001]: m\n  |\n1 | toll 2\n  |      ^\n");
}

TEST(Render, ColoursOnlyWhenAsked) {
  SourceFile file{"f", "x"};
  auto d = diagnostic("E004", "m", place_of(file, "x"), "here");
  d.notes.push_back({"help", "h"});
  EXPECT_FALSE(rendered(d, file).contains('\033'));
  std::string coloured = render(d, {&file, 1}, {.colour = true});
  EXPECT_TRUE(coloured.contains("\033[1;31merror[E004]\033[0m"));
  // Without the colours it is the same text.
  std::string plain;
  for (size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\033')
      i = coloured.find('m', i);
    else
      plain += coloured[i];
  }
  EXPECT_EQ(plain, rendered(d, file));
}

}  // namespace
}  // namespace toll::dsl
