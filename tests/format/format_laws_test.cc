// Laws of `toll fmt` over real cards, the cards of the documents and generated ones: a canonical
// text stays as it is, and whatever is done to blanks, tabs, line ends, commas and indentation, the
// same canonical text comes back.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "compiler/lower.h"
#include "compiler/rating_ir.h"
#include "dsl/check.h"
#include "dsl/format.h"
#include "tests/differential/card_family.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/random.h"

namespace toll::dsl {
namespace {

namespace fs = std::filesystem;
using differential::Random;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<SourceFile> files_below(const char* folder) {
  std::vector<SourceFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TOLL_SOURCE_DIR) / folder))
    if (entry.path().extension() == ".toll")
      files.push_back({fs::relative(entry.path(), TOLL_SOURCE_DIR), read_file(entry.path())});
  return files;
}

/// The complete cards of a document.
std::vector<SourceFile> cards_in(const std::string& document) {
  std::vector<SourceFile> files;
  std::istringstream lines(read_file(fs::path(TOLL_SOURCE_DIR) / document));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "```toll") {
      inside = true;
      files.push_back({document, ""});
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      files.back().text += line + '\n';
    }
  }
  std::erase_if(files, [](const SourceFile& f) { return !f.text.starts_with("toll 1\n"); });
  return files;
}

std::string formatted(const SourceFile& file) {
  const auto result = format(file);
  if (result) return *result;
  std::string why = "not formatted: " + file.path + "\n" + file.text;
  for (const Diagnostic& d : result.error().diagnostics) why += render(d, {&file, 1});
  return why;
}

/// One line with other blanks; what stands in a label or comment is left alone.
std::string mutilated_line(const std::string& line, Random& random) {
  static const std::vector<std::string> kBlanks = {" ", "  ", "\t", " \t ", "     "};
  size_t at = line.find_first_not_of(' ');
  std::string text;
  while (random.chance(40)) text += random.pick(kBlanks);
  bool label = false;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '#' && !label) return text + line.substr(at);
    if (c == '"') label = !label;
    const bool groups = c == ',' && line[at + 1] >= '0' && line[at + 1] <= '9';
    if (!label && groups) continue;
    if (!label && c == ' ') {
      text += random.pick(kBlanks);
    } else {
      text += c;
      if (!label && c == ',' && random.chance(30)) ++at;  // the blank behind it
    }
  }
  return text;
}

size_t indent_of(const std::string& line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

/// The text in another layout. Where there are comments of their own lines, indentation tells what
/// they belong to and is kept.
std::string mutilated(const std::string& text, Random& random) {
  std::string result;
  bool comments = false;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);)
    comments |= line.substr(indent_of(line)).starts_with('#');
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::string changed = mutilated_line(line, random);
    if (comments) changed = line.substr(0, indent_of(line)) + changed.substr(indent_of(changed));
    result += changed;
    while (random.chance(20)) result += ' ';
    result += random.chance(20) ? "\r\n" : "\n";
    while (line.empty() && random.chance(30)) result += "\n";
  }
  return result;
}

/// What the cards of a text became: they are rated the same if this is the same.
std::string meaning(const SourceFile& file) {
  std::string text;
  for (const RateCard& card : check({&file, 1}).cards)
    if (const auto program = compiler::lower(card)) text += compiler::to_text(*program, card);
  return text;
}

/// By card, version and offer.
std::vector<std::string> hashes(std::span<const SourceFile> files) {
  std::vector<std::string> hashes;
  for (const RateCard& card : check(files).cards)
    hashes.push_back(card.name + " " + to_string(card.from) + " " + card.hash);
  std::ranges::sort(hashes);
  return hashes;
}

/// No commas in numbers; the singular for the plural and the other way round, where a number or
/// `per` stands before a unit that has both forms; and the header lines of each card in another
/// order.
std::string reworded(const std::string& text, Random& random, uint64_t forms) {
  static const std::vector<std::pair<std::string, std::string>> kForms = {{"call", "calls"},
                                                                          {"token", "tokens"},
                                                                          {"credit", "credits"},
                                                                          {"segment", "segments"},
                                                                          {"seat", "seats"}};
  std::vector<std::string> lines;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) {
    const bool words = line.contains('#') || line.contains('"') || line.contains("once per");
    if (!words) line = std::regex_replace(line, std::regex("(\\d),(?=\\d{3})"), "$1");
    for (size_t i = 0; i < kForms.size(); ++i) {
      const auto& [one, many] = kForms[i];
      if (words || !(forms >> i & 1)) continue;
      line = std::regex_replace(line, std::regex("(\\d) " + many + "(?![\\w.-])"), "$1 " + one);
      line = std::regex_replace(line, std::regex("(per) " + one + "(?![\\w.-])"), "$1 " + many);
    }
    lines.push_back(line);
  }
  const auto is_header = [](const std::string& line) {
    static const std::regex kHeader("  (from|currency|period|round|applies|switch|time|for) .*");
    return std::regex_match(line, kHeader) && !line.contains('#');
  };
  for (auto at = lines.begin(); at != lines.end();) {
    const bool card = at->starts_with("card ");
    if (++at == lines.end() || !card) continue;
    const auto end = std::find_if_not(at, lines.end(), is_header);
    std::vector<std::string> header(at, end);
    random.shuffle(header);
    at = std::ranges::copy(header, at).out;
  }
  std::string result;
  for (const std::string& line : lines) result += line + "\n";
  return result;
}

TEST(FormatLaws, FormattingAFolderChangesNoRevision) {
  Random random(3);
  for (const char* folder :
       {"ratecards/founding", "ratecards/anthropic", "ratecards/aws", "ratecards/intercom",
        "ratecards/sendgrid", "ratecards/snowflake", "ratecards/stripe", "ratecards/support"}) {
    const std::vector<SourceFile> files = files_below(folder);
    const std::vector<std::string> before = hashes(files);
    ASSERT_FALSE(before.empty()) << folder;
    for (int i = 0; i < 3; ++i) {
      std::vector<SourceFile> other = files;
      const uint64_t forms = random.below(32);
      for (SourceFile& file : other) file.text = reworded(file.text, random, forms);
      std::vector<SourceFile> again = other;
      for (SourceFile& file : again) file.text = formatted(file);
      EXPECT_EQ(hashes(again), hashes(other)) << folder;
    }
  }
}

TEST(FormatLaws, FormattingAGeneratedCardChangesNoRevision) {
  Random random(4);
  size_t reworded_cards = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const std::string text = seed % 4 == 0 ? differential::generate_family(seed).text
                                           : differential::generate_card(seed).text;
    const SourceFile other{"generated.toll", reworded(text, random, random.below(32))};
    const SourceFile again{other.path, formatted(other)};
    reworded_cards += text != other.text && again.text != other.text;
    ASSERT_EQ(hashes({&again, 1}), hashes({&other, 1})) << other.text << again.text;
    ASSERT_EQ(check({&other, 1}).cards.size(), check({&again, 1}).cards.size());
  }
  EXPECT_GT(reworded_cards, 350u);
}

TEST(FormatLaws, RateCardsAndExamplesAreCanonical) {
  for (const char* folder : {"ratecards", "examples"}) {
    const auto files = files_below(folder);
    EXPECT_FALSE(files.empty());
    for (const SourceFile& file : files)
      EXPECT_EQ(formatted(file), file.text) << "run: toll fmt " << file.path;
  }
}

TEST(FormatLaws, CardsOfTheDocumentsAreCanonical) {
  const std::filesystem::path root = TOLL_SOURCE_DIR;
  std::vector<std::string> documents = {"README.md", "docs/language.md"};
  for (const auto& page : std::filesystem::directory_iterator(root / "docs/language"))
    documents.push_back(std::filesystem::relative(page.path(), root).string());
  size_t cards = 0;
  for (const std::string& document : documents) {
    for (const SourceFile& file : cards_in(document)) {
      ++cards;
      EXPECT_EQ(formatted(file), file.text) << document;
    }
  }
  EXPECT_GT(cards, 15u);
}

void expect_laws(const SourceFile& file, Random& random) {
  const std::string canonical = formatted(file);
  ASSERT_FALSE(canonical.starts_with("not formatted")) << canonical;
  EXPECT_EQ(formatted({file.path, canonical}), canonical);
  const std::string other = mutilated(canonical, random);
  ASSERT_EQ(formatted({file.path, other}), canonical) << other;
}

TEST(FormatLaws, EveryLayoutOfARealCardHasOneForm) {
  Random random(1);
  for (const char* folder : {"ratecards", "examples"})
    for (const SourceFile& file : files_below(folder))
      for (int i = 0; i < 20; ++i) expect_laws(file, random);
}

TEST(FormatLaws, EveryLayoutOfAGeneratedCardHasOneFormAndMeansTheSame) {
  Random random(2);
  for (uint64_t seed = 0; seed < 2'000; ++seed) {
    const SourceFile file{"generated.toll", seed % 4 == 0 ? differential::generate_family(seed).text
                                                          : differential::generate_card(seed).text};
    expect_laws(file, random);
    if (seed % 10 > 1) continue;
    EXPECT_EQ(meaning({file.path, formatted(file)}), meaning(file)) << file.text;
  }
}

}  // namespace
}  // namespace toll::dsl
