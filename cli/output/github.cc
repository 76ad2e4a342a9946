#include "cli/output/github.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "wire/diagnostic_json.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

/// Lines with what cannot be seen replaced: a card's text must not steer the terminal or the log of
/// whoever reads the annotation.
std::string visible(std::string_view text) {
  std::string result;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    result += wire::shown(text.substr(begin, end - begin), std::string_view::npos);
    if (end < text.size()) result += '\n';
    begin = end + 1;
  }
  return result;
}

/// What ends a command, or one of its properties, must not stand in their texts.
std::string escaped(std::string_view text, bool property) {
  std::string result;
  for (const char c : visible(text)) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special)
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      result += c;
  }
  return result;
}

std::string title_of(const dsl::Diagnostic& diagnostic) {
  for (const dsl::DiagnosticKind& kind : dsl::diagnostic_kinds())
    if (kind.code == diagnostic.code) return fmt::format("{}: {}", kind.code, kind.title);
  return diagnostic.code;
}

}  // namespace

std::string workflow_command(const dsl::Diagnostic& diagnostic,
                             std::span<const dsl::SourceFile> files) {
  const dsl::Place& place = diagnostic.primary.place;
  const wire::Region region = wire::region_of(place, files);
  std::string message = diagnostic.message;
  for (const dsl::Note& note : diagnostic.notes)
    message += fmt::format("\n{}: {}", note.kind, note.text);
  std::string where =
      fmt::format("file={},line={}", escaped(files[place.file].path, true), region.begin.line);
  // Columns are only understood where they are in one line.
  if (region.end.line == region.begin.line)
    where += fmt::format(",col={},endColumn={}", region.begin.column, region.end.column);
  else
    where += fmt::format(",endLine={}", region.end.line);
  return fmt::format("::{} {},title={}::{}\n",
                     diagnostic.severity == dsl::Severity::Error ? "error" : "warning", where,
                     escaped(title_of(diagnostic), true), escaped(message, false));
}

}  // namespace toll::cli
