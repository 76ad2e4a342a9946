// The pages of docs/errors: each kind of diagnostic has one, its wrong text makes the mistake, and
// its right text does not. docs/errors/README.md says how a page is written.
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "dsl/diagnostic.h"
#include "runtime/loader.h"

namespace toll::dsl {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(TOLL_SOURCE_DIR) / "docs" / "errors";
constexpr std::string_view kHowTo = " (docs/errors/README.md says how a page is written)";

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What stands in the fences of a page, by the words behind ```toll, or behind ```csv.
std::map<std::string, std::string> blocks_of(const fs::path& path,
                                             std::string_view fence = "```toll ") {
  std::map<std::string, std::string> blocks;
  std::istringstream lines(read_file(path));
  std::string* open = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(fence)) {
      open = &blocks[line.substr(fence.size())];
    } else if (line == "```") {
      open = nullptr;
    } else if (open) {
      *open += line + '\n';
    }
  }
  return blocks;
}

/// The number of `\+11;`, and whether there is one at `at`.
bool reads_order(std::string_view text, size_t at, char sign, size_t& number, size_t& length) {
  if (!text.substr(at).starts_with(std::string{'\\', sign})) return false;
  const char* begin = text.data() + at + 2;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  length = static_cast<size_t>(end - begin) + 3;
  return error == std::errc() && *end == ';';
}

std::string unescaped_line(const std::string& line, size_t repetition) {
  std::string text;
  for (size_t i = 0, number = 0, length = 0; i < line.size();) {
    if (line.substr(i).starts_with("\\x")) {
      text += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
      i += 4;
    } else if (line.substr(i).starts_with("\\#")) {
      text += std::to_string(repetition);
      i += 2;
    } else if (reads_order(line, i, '*', number, length)) {
      text.append(number - 1, text.back());
      i += length;
    } else {
      text += line[i++];
    }
  }
  return text;
}

std::string unescaped(const std::string& block) {
  std::string text;
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) {
    size_t times = 1, length = 0;
    const size_t order = line.rfind("\\+");
    if (order != line.npos && reads_order(line, order, '+', times, length)) line.resize(order);
    for (size_t i = 1; i <= times; ++i) text += unescaped_line(line, i) + '\n';
  }
  return text;
}

/// Takes ` called NAME` off what stands behind ```toll; the name of the file, or that of the page.
std::string name_taken_off(std::string& words, const fs::path& page) {
  constexpr std::string_view kCalled = " called ";
  const size_t at = words.find(kCalled);
  if (at == words.npos) return page.filename().string();
  std::string name = words.substr(at + kCalled.size());
  words.resize(at);
  return name;
}

/// The text of a page, completed to a file.
std::string completed(const std::string& kind, std::string text) {
  if (kind.ends_with(" escaped")) text = unescaped(text);
  if (kind.ends_with(" file") || text.starts_with("toll 1\n")) return text;
  const std::string frame = blocks_of(kFolder / "README.md")["frame"];
  return (text.starts_with(' ') || text.starts_with('\t') ? frame
                                                          : frame.substr(0, frame.find("card "))) +
         text;
}

/// A file with the table files of its page.
std::vector<SourceFile> with_tables(SourceFile file, const fs::path& page) {
  std::vector<SourceFile> files = {std::move(file)};
  for (auto& [name, text] : blocks_of(page, "```csv ")) files.push_back({name, text});
  return files;
}

std::string rendered(const std::vector<Diagnostic>& diagnostics,
                     const std::vector<SourceFile>& files) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += render(d, files);
  return text;
}

bool gives(const std::vector<Diagnostic>& diagnostics, std::string_view code) {
  return std::ranges::find(diagnostics, code, &Diagnostic::code) != diagnostics.end();
}

class ErrorPage : public testing::TestWithParam<DiagnosticKind> {};

TEST_P(ErrorPage, ShowsTheMistakeAndTheWayOut) {
  const DiagnosticKind& kind = GetParam();
  const fs::path path = kFolder / (std::string(kind.code) + ".md");
  ASSERT_TRUE(fs::exists(path)) << "write " << path << kHowTo;
  const std::string title = "# " + std::string(kind.code) + ": " + std::string(kind.title) + "\n\n";
  EXPECT_TRUE(read_file(path).starts_with(title)) << path << " begins with " << title << kHowTo;

  size_t wrong = 0, right = 0;
  for (const auto& [fence, block] : blocks_of(path)) {
    std::string words = fence;
    const std::string name = name_taken_off(words, path);
    const auto files = with_tables({name, completed(words, block)}, path);
    const auto diagnostics = runtime::check_folder(files).diagnostics;
    if (words.starts_with("wrong")) {
      ++wrong;
      EXPECT_TRUE(gives(diagnostics, kind.code)) << rendered(diagnostics, files) << kHowTo;
    } else if (words == "right") {
      ++right;
      EXPECT_FALSE(gives(diagnostics, kind.code) || has_errors(diagnostics))
          << rendered(diagnostics, files) << kHowTo;
    } else {
      ADD_FAILURE() << path << ": ```toll " << words << kHowTo;
    }
  }
  EXPECT_EQ(wrong, 1u) << kHowTo;
  EXPECT_EQ(right, 1u) << kHowTo;
}

INSTANTIATE_TEST_SUITE_P(Kinds, ErrorPage,
                         testing::ValuesIn(diagnostic_kinds().begin(), diagnostic_kinds().end()),
                         [](const auto& info) { return std::string(info.param.code); });

TEST(ErrorPages, AreThereForNothingElse) {
  std::set<std::string> registered;
  for (const DiagnosticKind& kind : diagnostic_kinds()) registered.emplace(kind.code);
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem().string();
    EXPECT_TRUE(name == "README" || registered.contains(name)) << entry.path();
  }
}

}  // namespace
}  // namespace toll::dsl
