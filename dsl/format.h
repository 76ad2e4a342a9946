// The canonical text of a file: no options, one output.
//
// Layout follows from the words that lines begin with (dsl/scan) and never from a tree, so what is
// not understood yet is laid out as well as what is. That nothing but layout has changed is
// established afterwards: the result is parsed again, and both trees and all comments must agree.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace toll::dsl {

/// Why a text was left as it is.
struct Unformatted {
  /// What has to be mended by hand first, at most fifty; wrong indentation and tabs are not among
  /// it. Empty only where formatting would have changed what the text says.
  std::vector<Diagnostic> diagnostics;
};

/// The rules are in docs/language/grammar.md, the reasons in docs/decisions/formatting.md. Formatting the
/// result changes nothing. Places are those of `file` as the first of the files that were read.
/// Linear in the text but for columns, of which a line takes at most 200. Pure; any thread.
std::expected<std::string, Unformatted> format(const SourceFile& file);

}  // namespace toll::dsl
