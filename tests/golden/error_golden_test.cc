// Diagnostics as goldens. tests/golden/errors/fail_CODE_words.toll holds a text with a mistake and
// below it, as comment lines that begin with `#~`, exactly what `toll check` says about it.
// Comments mean nothing in Toll, so the line numbers stand.
//
//   TOLL_UPDATE_GOLDENS=1 error_golden_test    writes what is said now; read every line of the diff
//
// A file that the text reads rows from stands beside it.
//
// Two lines in a file give orders to this test:
//   #! pad BYTES    comment lines are added until the text has so many bytes
//   #! only CODE    diagnostics of other kinds are left out

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/table_file.h"
#include "runtime/loader.h"

namespace toll::dsl {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(TOLL_SOURCE_DIR) / "tests" / "golden" / "errors";
constexpr std::string_view kMark = "#~";

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A golden file: the text, and the lines below it that begin with the mark.
struct Golden {
  std::string whole, text, expected;

  explicit Golden(const fs::path& path) : whole(read_file(path)) {
    size_t begin = whole.find("\n" + std::string(kMark));
    text = whole.substr(0, begin == whole.npos ? begin : begin + 1);
    std::istringstream marked(whole.substr(text.size()));
    for (std::string line; std::getline(marked, line);) {
      EXPECT_TRUE(line.starts_with(kMark)) << path << ": text below the diagnostics: " << line;
      line.erase(0, kMark.size());
      if (line.starts_with(' ')) line.erase(0, 1);
      expected += line + '\n';
    }
  }

  std::optional<std::string> order(std::string_view name) const {
    std::istringstream lines(text);
    std::string begin = "#! " + std::string(name) + " ";
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(begin)) return line.substr(begin.size());
    }
    return std::nullopt;
  }
};

std::string padded(std::string text, size_t bytes) {
  while (text.size() < bytes) text += "# more of the same\n";
  return text;
}

std::string diagnostics_of(const Golden& golden, const std::string& name) {
  SourceFile file{name, golden.whole};
  std::vector<SourceFile> files;
  if (auto bytes = golden.order("pad")) {
    size_t wanted = 0;
    std::from_chars(bytes->data(), bytes->data() + bytes->size(), wanted);
    file.text = padded(file.text, wanted);
  }
  files.push_back(std::move(file));
  for (const std::string& table : tables_named(golden.text))
    if (fs::exists(kFolder / table)) files.push_back({table, read_file(kFolder / table)});
  auto only = golden.order("only");
  std::string result;
  for (const Diagnostic& d : runtime::check_folder(files).diagnostics) {
    if (only && d.code != *only) continue;
    if (!result.empty()) result += '\n';
    result += render(d, files);
  }
  return result;
}

void write(const fs::path& path, const Golden& golden, const std::string& diagnostics) {
  std::ofstream out(path, std::ios::binary);
  out << golden.text;
  std::istringstream lines(diagnostics);
  for (std::string line; std::getline(lines, line);) {
    out << kMark << (line.empty() ? "" : " ") << line << '\n';
  }
}

/// fail_E204_words.toll -> E204
std::string code_of(const std::string& name) {
  size_t begin = std::string_view("fail_").size();
  return name.substr(begin, name.find('_', begin) - begin);
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (!is_table_file(entry.path().native())) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool updates() {
  const char* update = std::getenv("TOLL_UPDATE_GOLDENS");
  return update && std::string_view(update) == "1" && !std::getenv("CI");
}

class ErrorGolden : public testing::TestWithParam<std::string> {};

TEST_P(ErrorGolden, SaysWhatStandsBelowTheText) {
  fs::path path = kFolder / GetParam();
  Golden golden(path);
  std::string diagnostics = diagnostics_of(golden, GetParam());
  if (updates()) return write(path, golden, diagnostics);
  EXPECT_EQ(diagnostics, golden.expected);
  EXPECT_TRUE(golden.expected.contains("[" + code_of(GetParam()) + "]"))
      << "the text no longer makes the mistake that the file is named after";
}

INSTANTIATE_TEST_SUITE_P(Errors, ErrorGolden, testing::ValuesIn(golden_names()),
                         [](const auto& info) {
                           std::string name = fs::path(info.param).stem().string();
                           const auto joins = [](char c) { return c == '@' || c == '-'; };
                           std::ranges::replace_if(name, joins, '_');
                           return name;
                         });

TEST(ErrorGoldens, AreThereForEveryKindAndForNothingElse) {
  std::set<std::string> registered, shown;
  for (const DiagnosticKind& kind : diagnostic_kinds()) registered.emplace(kind.code);
  for (const std::string& name : golden_names()) shown.insert(code_of(name));
  EXPECT_EQ(registered, shown);
}

TEST(DiagnosticKinds, HaveEachACodeOfTheirOwn) {
  std::set<std::string_view> codes;
  for (const DiagnosticKind& kind : diagnostic_kinds()) {
    EXPECT_TRUE(codes.insert(kind.code).second) << kind.code << " is registered twice";
    EXPECT_EQ(kind.code.front(), kind.severity == Severity::Error ? 'E' : 'W') << kind.code;
    EXPECT_FALSE(kind.title.empty());
  }
}

}  // namespace
}  // namespace toll::dsl
