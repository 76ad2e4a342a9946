#include "wire/sarif.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/sha256.h"
#include "dsl/parse.h"
#include "wire/diagnostic_json.h"
#include "wire/json_writer.h"

namespace toll::wire {
namespace {

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Digits of a digest that tell the lines of a project apart.
constexpr size_t kFingerprintDigits = 16;

std::string_view level(dsl::Severity severity) {
  return severity == dsl::Severity::Error ? "error" : "warning";
}

/// A path as a URI reference (RFC 3986): what may not stand in a path segment is percent-encoded.
std::string uri_of(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || std::string_view("-._~/@!$&'()*+,;=").contains(c))
      uri += c;
    else
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

/// Below the folder that the program runs in, or else from the root: a reader of SARIF cannot
/// follow a path out of what it resolves paths in. A path that is none of a file, `REVISION:PATH`,
/// stays.
std::string path_in_sarif(const std::string& path) {
  const std::filesystem::path normal = std::filesystem::path(path).lexically_normal();
  if (*normal.begin() != "..") return normal.string();
  std::error_code error;
  const std::filesystem::path top = std::filesystem::current_path(error);
  return error ? path : (top / normal).lexically_normal().string();
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name).begin_object().text("text", text).end_object();
}

void write_rules(JsonWriter& json) {
  json.key("rules").begin_array();
  for (const dsl::DiagnosticKind& kind : dsl::diagnostic_kinds()) {
    json.begin_object().text("id", kind.code);
    write_text(json, "shortDescription", kind.title);
    json.key("defaultConfiguration").begin_object().text("level", level(kind.severity));
    json.end_object();
    write_text(json, "help", fmt::format("toll explain-error {}", kind.code));
    json.end_object();
  }
  json.end_array();
}

/// The place in the rules; the registry has every code.
int64_t rule_index(std::string_view code) {
  const auto kinds = dsl::diagnostic_kinds();
  return std::ranges::find(kinds, code, &dsl::DiagnosticKind::code) - kinds.begin();
}

void write_location(JsonWriter& json, const dsl::Place& place,
                    std::span<const dsl::SourceFile> files) {
  const Region region = region_of(place, files);
  const std::string path = path_in_sarif(files[place.file].path);
  json.key("physicalLocation").begin_object();
  json.key("artifactLocation").begin_object().text("uri", uri_of(path));
  if (!path.starts_with('/')) json.text("uriBaseId", "%SRCROOT%");
  json.end_object();
  json.key("region").begin_object();
  json.number("startLine", region.begin.line).number("startColumn", region.begin.column);
  json.number("endLine", region.end.line).number("endColumn", region.end.column);
  json.end_object().end_object();
}

/// The message with what explains it: code scanning shows nothing else.
std::string message_of(const dsl::Diagnostic& diagnostic) {
  std::string text = diagnostic.message;
  for (const dsl::Note& note : diagnostic.notes)
    text += fmt::format("\n{}: {}", note.kind, note.text);
  return text;
}

/// The words of the line that the diagnostic points at.
std::string line_of(const dsl::Diagnostic& diagnostic, std::span<const dsl::SourceFile> files) {
  const dsl::Place& place = diagnostic.primary.place;
  const std::string& text = files[place.file].text;
  const size_t at = std::min<size_t>(place.span.begin, text.size());
  const size_t before = at == 0 ? text.npos : text.rfind('\n', at - 1);
  const size_t begin = before == text.npos ? 0 : before + 1;
  const size_t end = std::min(text.find('\n', begin), text.size());
  return dsl::canonical_tokens(text, {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
}

class Results {
 public:
  explicit Results(JsonWriter& json) : json_(json) {}

  void write(const Reported& reported) {
    const dsl::Diagnostic& diagnostic = *reported.diagnostic;
    json_.begin_object().text("ruleId", diagnostic.code);
    json_.number("ruleIndex", rule_index(diagnostic.code));
    json_.text("level", level(diagnostic.severity));
    write_text(json_, "message", message_of(diagnostic));
    json_.key("locations").begin_array().begin_object();
    write_location(json_, diagnostic.primary.place, reported.files);
    json_.end_object().end_array();
    write_related(reported);
    json_.key("partialFingerprints").begin_object();
    json_.text("primaryLocationLineHash", fingerprint(reported)).end_object();
    json_.end_object();
  }

 private:
  void write_related(const Reported& reported) {
    if (reported.diagnostic->related.empty()) return;
    json_.key("relatedLocations").begin_array();
    int64_t id = 0;
    for (const dsl::Label& label : reported.diagnostic->related) {
      json_.begin_object().number("id", ++id);
      write_location(json_, label.place, reported.files);
      if (!label.text.empty()) write_text(json_, "message", label.text);
      json_.end_object();
    }
    json_.end_array();
  }

  std::string fingerprint(const Reported& reported) {
    const std::string& path = reported.files[reported.diagnostic->primary.place.file].path;
    const std::string digest = sha256_hex(reported.diagnostic->code + "\n" + path + "\n" +
                                          line_of(*reported.diagnostic, reported.files))
                                   .substr(0, kFingerprintDigits);
    return fmt::format("{}:{}", digest, ++seen_[digest]);
  }

  JsonWriter& json_;
  std::map<std::string, int> seen_;  // how often each digest came up
};

}  // namespace

void write_sarif(std::span<const Reported> reported, std::string_view tool_version,
                 std::string_view failure, std::string& out) {
  JsonWriter json(out);
  json.begin_object().text("$schema", kSchema).text("version", "2.1.0");
  json.key("runs").begin_array().begin_object();
  json.key("tool").begin_object().key("driver").begin_object().text("name", "toll");
  json.text("version", tool_version);
  write_rules(json);
  json.end_object().end_object();
  json.key("invocations").begin_array().begin_object();
  json.key("executionSuccessful").boolean(failure.empty());
  if (!failure.empty()) {
    json.key("toolExecutionNotifications").begin_array().begin_object().text("level", "error");
    write_text(json, "message", failure);
    json.end_object().end_array();
  }
  json.end_object().end_array();
  json.text("columnKind", "unicodeCodePoints");
  json.key("results").begin_array();
  Results results(json);
  for (const Reported& one : reported) results.write(one);
  json.end_array().end_object().end_array().end_object();
}

}  // namespace toll::wire
