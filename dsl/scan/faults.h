// What can be wrong with a text before any statement is read: its bytes, characters, numbers,
// labels and sizes. At most one diagnostic a line.
#pragma once

#include <optional>

#include "dsl/diagnostic.h"
#include "dsl/parse.h"
#include "dsl/scan/line.h"

namespace toll::dsl::scan {

/// Why a file cannot be read at all: too large, or no text.
std::optional<Diagnostic> file_fault(const SourceFile& file, uint32_t file_index,
                                     const ParseLimits& limits);

/// The first of a line's faults that keep it from being read: bytes that are not UTF-8, characters
/// that deceive, comments included; words, numbers and labels of a wrong shape; too much of
/// anything.
std::optional<Diagnostic> line_fault(std::string_view text, const Line& line, uint32_t file_index,
                                     const ParseLimits& limits);

/// A tab. The line can be read nevertheless.
std::optional<Diagnostic> tab_fault(std::string_view text, const Line& line, uint32_t file_index);

}  // namespace toll::dsl::scan
