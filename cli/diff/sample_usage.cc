#include "cli/diff/sample_usage.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "cli/cards/usage_input.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "wire/text.h"
#include "wire/usage_json.h"

namespace toll::cli {
namespace {

constexpr std::string_view kBlank = " \t\r";

/// A file whose first line is a whole object has a document a line, and any other is one document.
bool is_document_a_line(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  const size_t last = first.find_last_not_of(kBlank);
  return last != first.npos && first[last] == '}';
}

class SampleFile {
 public:
  explicit SampleFile(const std::string& path)
      : path_(path),
        name_(path == "-" ? "standard input" : std::filesystem::path(path).filename().string()) {}

  void take(std::string_view text, size_t line) {
    auto document = wire::read_usage(text);
    if (!document) {
      fine_ = false;
      complain_of_faults(line ? fmt::format("{}:{}", path_, line) : path_, document.error());
      return;
    }
    document->hash.reset();
    std::string title = line ? fmt::format("line {} of {}", line, name_) : name_;
    if (document->customer) title += fmt::format(", customer {}", wire::shown(*document->customer));
    samples_.push_back({std::move(title), *std::move(document)});
  }

  void take_lines(std::string_view text) {
    for (size_t line = 1; !text.empty(); ++line) {
      const size_t end = text.find('\n');
      const std::string_view one = text.substr(0, end);
      if (one.find_first_not_of(kBlank) != one.npos) take(one, line);
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
  }

  std::expected<std::vector<SampleUsage>, int> finish() {
    if (!fine_) return std::unexpected(kFailed);
    return std::move(samples_);
  }

 private:
  const std::string path_, name_;
  std::vector<SampleUsage> samples_;
  bool fine_ = true;
};

}  // namespace

std::expected<std::vector<SampleUsage>, int> read_sample_usage(const std::string& path) {
  const auto text = read_input(path);
  if (!text) {
    complain(text.error().message);
    return std::unexpected(kFailed);
  }
  SampleFile file(path);
  if (is_document_a_line(*text))
    file.take_lines(*text);
  else
    file.take(*text, 0);
  return file.finish();
}

}  // namespace toll::cli
