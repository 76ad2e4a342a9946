// Problem documents (RFC 9457) whose `errors` point at what is wrong.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "runtime/usage.h"

namespace toll::wire {

/// What every problem says, whatever is wrong.
struct ProblemHead {
  int status = 400;
  std::string_view title;   ///< the status's own phrase, e.g. "Bad Request"
  std::string_view detail;  ///< one sentence
};

/// `errors` are the faults of a usage document: {"pointer", "detail"}.
std::string problem_json(const ProblemHead& head, std::span<const runtime::UsageFault> faults);

/// `errors` are diagnostics of card files, as write_diagnostic() writes them.
std::string problem_json(const ProblemHead& head, std::span<const dsl::Diagnostic> diagnostics,
                         std::span<const dsl::SourceFile> files);

}  // namespace toll::wire
