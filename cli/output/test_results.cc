#include "cli/output/test_results.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/output/terminal.h"

namespace toll::cli {
namespace {

using Verdict = TestResult::Verdict;

std::string_view word(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok:
      return "ok";
    case Verdict::Fail:
      return "FAIL";
    case Verdict::Update:
      return "update";
    case Verdict::NotRun:
      return "not run";
    case Verdict::Tested:
      return "tested";
    case Verdict::Refuted:
      return "REFUTED";
    case Verdict::Error:
      return "ERROR";
  }
  return "";
}

/// Bytes of the UTF-8 character that the text begins with; 0 where it begins with none that XML
/// may hold (XML 1.0, section 2.2).
size_t character_bytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r';
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  uint32_t code = first & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // by size: less is written shorter
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool no_character = code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF;
  return code < kLeast[size] || surrogate || no_character ? 0 : size;
}

/// Text for an element or, in double quotes, an attribute.
std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t bytes = character_bytes(text);
    const std::string_view character = text.substr(0, bytes);
    if (bytes == 0)
      result += "\uFFFD";
    else if (character == "&")
      result += "&amp;";
    else if (character == "<")
      result += "&lt;";
    else if (character == ">")
      result += "&gt;";
    else if (character == "\"")
      result += "&quot;";
    else if (character == "\n" || character == "\r" || character == "\t")
      result += fmt::format("&#{};", static_cast<int>(character[0]));
    else
      result += character;
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return result;
}

std::string seconds(uint64_t microseconds) {
  return fmt::format("{}.{:06}", microseconds / 1'000'000, microseconds % 1'000'000);
}

/// Counts as a suite states them.
struct Counts {
  size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  uint64_t microseconds = 0;

  void add(const TestResult& result) {
    ++tests;
    failures += result.verdict == Verdict::Fail || result.verdict == Verdict::Refuted;
    errors += result.verdict == Verdict::Error;
    skipped += result.verdict == Verdict::NotRun;
    microseconds += result.microseconds;
  }

  std::string attributes() const {
    return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{}")", tests,
                       failures, errors, skipped, seconds(microseconds));
  }
};

/// What stands in a case that is not simply fine.
std::string case_body(const TestResult& result) {
  const std::string first_line = result.details.substr(0, result.details.find('\n'));
  const size_t begin = std::min(first_line.find_first_not_of(' '), first_line.size());
  const auto element = [&](std::string_view name) {
    return fmt::format("      <{0} message=\"{1}\" type=\"{2}\">{3}</{0}>\n", name,
                       escaped(first_line.substr(begin)), word(result.verdict),
                       escaped(result.details));
  };
  switch (result.verdict) {
    case Verdict::Fail:
    case Verdict::Refuted:
      return element("failure");
    case Verdict::Error:
      return element("error");
    case Verdict::NotRun:
      return "      <skipped message=\"its card is in error\"/>\n";
    case Verdict::Ok:
    case Verdict::Update:
    case Verdict::Tested:
      break;
  }
  return {};
}

/// "ratecards.founding.api@2026-01-01": dots make packages in what shows the results.
std::string class_name(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  std::string name(path.substr(0, path.size() - (path.ends_with(".toll") ? 5 : 0)));
  std::ranges::replace(name, '/', '.');
  return name;
}

std::string suite(const FileResults& file) {
  Counts counts;
  for (const TestResult& result : file.results) counts.add(result);
  std::string text =
      fmt::format("  <testsuite name=\"{}\" {}>\n", escaped(file.path), counts.attributes());
  for (const TestResult& result : file.results) {
    const std::string body = case_body(result);
    text += fmt::format(
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{}\"",
        escaped(result.title), escaped(class_name(file.path)), escaped(file.path), result.line,
        seconds(result.microseconds));
    text += body.empty() ? "/>\n" : ">\n" + body + "    </testcase>\n";
  }
  return text + "  </testsuite>\n";
}

}  // namespace

std::string results_text(const FileResults& file) {
  size_t title_columns = 0, figure_columns = 0;
  bool any = false;
  for (const TestResult& result : file.results) {
    if (result.verdict == Verdict::Error) continue;
    any = true;
    title_columns = std::max(title_columns, width(result.title));
    figure_columns = std::max(figure_columns, width(result.figure));
  }
  if (!any) return {};
  std::string text = file.path + "\n";
  for (const TestResult& result : file.results) {
    if (result.verdict == Verdict::Error) continue;
    std::string line =
        fmt::format("  {:<7} {}   {}", word(result.verdict), pad_right(result.title, title_columns),
                    pad_left(result.figure, figure_columns));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n" + result.details;
  }
  return text;
}

std::string junit_xml(std::span<const FileResults> files) {
  Counts counts;
  std::string suites;
  for (const FileResults& file : files) {
    for (const TestResult& result : file.results) counts.add(result);
    suites += suite(file);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"toll test\" {}>\n{}"
      "</testsuites>\n",
      counts.attributes(), suites);
}

}  // namespace toll::cli
