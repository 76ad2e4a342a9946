#include "wire/diagnostic_json.h"

namespace toll::wire {
namespace {

/// The texts of all notes of a kind, one a line.
std::string notes_of(const dsl::Diagnostic& diagnostic, std::string_view kind) {
  std::string text;
  for (const dsl::Note& note : diagnostic.notes)
    if (note.kind == kind) text += (text.empty() ? "" : "\n") + note.text;
  return text;
}

}  // namespace

void write_diagnostic(const dsl::Diagnostic& diagnostic, std::span<const dsl::SourceFile> files,
                      JsonWriter& json) {
  const dsl::Place& place = diagnostic.primary.place;
  const dsl::SourceFile& file = files[place.file];
  const dsl::LineColumn at = dsl::line_column(file, place.span.begin);
  json.begin_object();
  json.text("file", file.path).number("line", at.line).number("column", at.column);
  json.text("code", diagnostic.code);
  json.text("severity", diagnostic.severity == dsl::Severity::Error ? "error" : "warning");
  json.text("message", diagnostic.message);
  for (const std::string_view kind : {"why", "help"})
    if (const std::string text = notes_of(diagnostic, kind); !text.empty()) json.text(kind, text);
  json.end_object();
}

}  // namespace toll::wire
