// Diagnostics: what a user wrote wrongly, where, why, and a way out.
//
// Every kind stands in one registry (diagnostic_kinds.def) with its code and severity, and has a
// golden file under tests/golden/errors. Text: lower case, no full stop, the user's words in
// backticks.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source.h"

namespace toll::dsl {

enum class Severity { Error, Warning };

/// A stretch of text with a few words under it.
struct Label {
  Place place;
  std::string text;  ///< may be empty
};

/// `why: ...`, `help: ...`, `note: ...`, `counterexample: ...` below the excerpt. Text may span lines.
struct Note {
  std::string kind;
  std::string text;
};

struct Diagnostic {
  std::string code;  ///< "E204", "W207"
  Severity severity = Severity::Error;
  std::string message;
  Label primary;
  std::vector<Label> related;  ///< further places, shown in text order
  std::vector<Note> notes;
};

/// One kind of mistake: what `toll explain-error` and the golden tests enumerate.
struct DiagnosticKind {
  std::string_view code;
  Severity severity;
  std::string_view title;  ///< the mistake in a few words
};
std::span<const DiagnosticKind> diagnostic_kinds();

/// A diagnostic of a registered kind; severity comes from the registry.
/// REQUIRES: `code` is registered (an unregistered code throws std::logic_error).
Diagnostic diagnostic(std::string_view code, std::string message, Place place, std::string label = {});

struct RenderOptions {
  bool colour = false;
};

/// `file:line:column: error[E204]: message`, the user's line, carets, related lines, notes. Ends
/// with a newline. Control characters of the source are shown as U+FFFD, long lines are cut around
/// the caret.
std::string render(const Diagnostic& diagnostic, std::span<const SourceFile> files,
                   RenderOptions options = {});

/// "did you mean": the candidate within edit distance 3 and a third of the word's length, or empty.
/// One that differs in upper and lower case only always counts. The first of several wins.
std::string suggest(std::string_view word, std::span<const std::string> candidates);

bool has_errors(std::span<const Diagnostic> diagnostics);

}  // namespace toll::dsl
