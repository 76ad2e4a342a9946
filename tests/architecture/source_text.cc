#include "tests/architecture/source_text.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace toll::architecture {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Walks over a text once and hands out each character as code or as comment.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<Line> split() {
    while (at_ < text_.size()) {
      if (text_.substr(at_).starts_with("//")) {
        skip(2);
        comment_until("\n");
      } else if (text_.substr(at_).starts_with("/*")) {
        skip(2);
        comment_until("*/");
        skip(2);
      } else if (text_[at_] == '"') {
        literal();
      } else if (text_[at_] == '\'' && !separates_digits()) {
        quoted('\'');
      } else {
        take(&Line::code);
      }
    }
    lines_.push_back(line_);
    return std::move(lines_);
  }

 private:
  /// Takes one character, into a part of the line or, without one, into its raw text only.
  void take(std::string Line::* part = nullptr) {
    const char c = text_[at_++];
    if (c == '\n') {
      lines_.push_back(std::move(line_));
      line_ = {};
      return;
    }
    line_.raw += c;
    if (part != nullptr) line_.*part += c;
  }

  void skip(size_t count) {
    for (; count > 0 && at_ < text_.size(); --count) take();
  }

  void comment_until(std::string_view end) {
    while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) take(&Line::comment);
  }

  void literal() {
    const bool raw = line_.code.ends_with('R') &&
                     (line_.code.size() == 1 || !is_word(line_.code[line_.code.size() - 2]) ||
                      std::string_view("LuU8").contains(line_.code[line_.code.size() - 2]));
    if (raw) {
      raw_string();
    } else {
      quoted('"');
    }
  }

  void quoted(char quote) {
    take(&Line::code);
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      skip(text_[at_] == '\\' ? 2 : 1);
    }
    if (at_ < text_.size() && text_[at_] == quote) take(&Line::code);
  }

  void raw_string() {
    const size_t open = std::min(text_.find('(', at_), text_.size());
    const std::string end = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    take(&Line::code);
    while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) skip(1);
    skip(end.size() - 1);
    if (at_ < text_.size()) take(&Line::code);
  }

  /// Whether this apostrophe stands inside a number, as in 1'000.
  bool separates_digits() const {
    const auto first = std::find_if_not(line_.code.rbegin(), line_.code.rend(),
                                        [](char c) { return is_word(c) || c == '\''; });
    const auto word = first.base();
    return word != line_.code.end() && std::isdigit(static_cast<unsigned char>(*word)) != 0;
  }

  std::string_view text_;
  size_t at_ = 0;
  Line line_;
  std::vector<Line> lines_;
};

}  // namespace

std::vector<Line> split_lines(std::string_view text) { return Splitter(text).split(); }

SourceFile read_file(const std::filesystem::path& root, std::string_view path) {
  std::ifstream in(root / path, std::ios::binary);
  return {std::string(path), {std::istreambuf_iterator<char>(in), {}}};
}

std::vector<SourceFile> read_files(const std::filesystem::path& root, std::string_view folder,
                                   const std::vector<std::string_view>& endings) {
  std::vector<SourceFile> files;
  if (!std::filesystem::exists(root / folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
    const std::string path = entry.path().lexically_relative(root).generic_string();
    const bool wanted = std::ranges::any_of(
        endings, [&](std::string_view ending) { return path.ends_with(ending); });
    if (wanted && entry.is_regular_file()) files.push_back(read_file(root, path));
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

}  // namespace toll::architecture
