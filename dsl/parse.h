// Text to syntax tree. A bad line yields one diagnostic and parsing goes on at the next line, so all
// mistakes of a file are found in one run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "dsl/syntax.h"

namespace toll::dsl {

/// What one file may cost. Beyond it the file is refused with a diagnostic, in time linear in its size.
struct ParseLimits {
  uint32_t bytes_max = 1 << 20;
  uint32_t line_bytes_max = 4096;
  uint32_t word_bytes_max = 128;
  uint32_t diagnostics_max = 50;  ///< per file; one more says how many were left out
};

struct Parsed {
  syntax::File tree;  ///< everything that could be read, also when there are errors
  std::vector<Diagnostic> diagnostics;
};

/// REQUIRES: `file_index` is the place of `file` among the files that are checked together.
Parsed parse(const SourceFile& file, uint32_t file_index, const ParseLimits& limits = {});

/// The lines' tokens joined by one blank, comments and blank lines left out: two texts that differ
/// in layout or comments only give the same string. Part of a revision's identity.
std::string canonical_tokens(std::string_view text, Span block);

}  // namespace toll::dsl
