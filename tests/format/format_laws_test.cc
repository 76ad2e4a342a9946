// Laws of `toll fmt` over real cards, the cards of the documents and generated ones: a canonical
// text stays as it is, and whatever is done to blanks, tabs, line ends, commas and indentation, the
// same canonical text comes back.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
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
