#include "wire/problem_json.h"

#include "wire/diagnostic_json.h"
#include "wire/json_writer.h"

namespace toll::wire {
namespace {

/// A problem document whose errors `write_errors` writes.
template <typename WriteErrors>
std::string problem(const ProblemHead& head, WriteErrors&& write_errors) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().text("type", "about:blank").text("title", head.title);
  json.number("status", head.status).text("detail", head.detail);
  json.key("errors").begin_array();
  write_errors(json);
  json.end_array().end_object();
  return text;
}

}  // namespace

std::string problem_json(const ProblemHead& head, std::span<const runtime::UsageFault> faults) {
  return problem(head, [&](JsonWriter& json) {
    for (const runtime::UsageFault& fault : faults) {
      json.begin_object().text("pointer", fault.pointer).text("detail", fault.message);
      json.end_object();
    }
  });
}

std::string problem_json(const ProblemHead& head, std::span<const dsl::Diagnostic> diagnostics,
                         std::span<const dsl::SourceFile> files) {
  return problem(head, [&](JsonWriter& json) {
    for (const dsl::Diagnostic& diagnostic : diagnostics) write_diagnostic(diagnostic, files, json);
  });
}

}  // namespace toll::wire
