#include "dsl/diagnostic.h"

#include <algorithm>
#include <stdexcept>

namespace toll::dsl {
namespace {

constexpr DiagnosticKind kKinds[] = {
#define TOLL_DIAGNOSTIC(code, severity, title) {#code, Severity::severity, title},
#include "dsl/diagnostic_kinds.def"
#undef TOLL_DIAGNOSTIC
};

}  // namespace

std::span<const DiagnosticKind> diagnostic_kinds() { return kKinds; }

Diagnostic diagnostic(std::string_view code, std::string message, Place place, std::string label) {
  auto kind = std::ranges::find(kKinds, code, &DiagnosticKind::code);
  if (kind == std::end(kKinds)) {
    throw std::logic_error("diagnostic kind " + std::string(code) + " is not registered");
  }
  return {.code = std::string(code),
          .severity = kind->severity,
          .message = std::move(message),
          .primary = {place, std::move(label)},
          .related = {},
          .notes = {}};
}

bool has_errors(std::span<const Diagnostic> diagnostics) {
  return std::ranges::any_of(diagnostics,
                             [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

}  // namespace toll::dsl
