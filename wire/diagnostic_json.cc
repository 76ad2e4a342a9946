#include "wire/diagnostic_json.h"

namespace toll::wire {
namespace {

void write_place(const dsl::Place& place, std::span<const dsl::SourceFile> files,
                 JsonWriter& json) {
  const Region region = region_of(place, files);
  json.text("file", files[place.file].path);
  json.number("line", region.begin.line).number("column", region.begin.column);
  json.number("end_line", region.end.line).number("end_column", region.end.column);
}

}  // namespace

Region region_of(const dsl::Place& place, std::span<const dsl::SourceFile> files) {
  const dsl::SourceFile& file = files[place.file];
  return {dsl::line_column(file, place.span.begin), dsl::line_column(file, place.span.end)};
}

std::string notes_of(const dsl::Diagnostic& diagnostic, std::string_view kind) {
  std::string text;
  for (const dsl::Note& note : diagnostic.notes)
    if (note.kind == kind) text += (text.empty() ? "" : "\n") + note.text;
  return text;
}

void write_diagnostic(const dsl::Diagnostic& diagnostic, std::span<const dsl::SourceFile> files,
                      JsonWriter& json) {
  json.begin_object();
  write_place(diagnostic.primary.place, files, json);
  json.text("code", diagnostic.code);
  json.text("severity", diagnostic.severity == dsl::Severity::Error ? "error" : "warning");
  json.text("message", diagnostic.message);
  for (const std::string_view kind : {"why", "help"})
    if (const std::string text = notes_of(diagnostic, kind); !text.empty()) json.text(kind, text);
  if (!diagnostic.related.empty()) {
    json.key("related").begin_array();
    for (const dsl::Label& label : diagnostic.related) {
      json.begin_object();
      write_place(label.place, files, json);
      json.text("text", label.text).end_object();
    }
    json.end_array();
  }
  json.end_object();
}

}  // namespace toll::wire
