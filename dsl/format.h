// The canonical text of a file: no options, one output.
//
// Layout follows from the words that lines begin with (dsl/scan) and never from a tree, so what is
// not understood yet is laid out as well as what is. That nothing but layout has changed is
// established afterwards: the result is parsed again, and both trees and all comments must agree.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace toll::dsl {

namespace formatting {
class UnitForms;
}

/// Why a text was left as it is.
struct Unformatted {
  /// What has to be mended by hand first, at most fifty; wrong indentation and tabs are not among
  /// it. Empty only where formatting would have changed what the text says.
  std::vector<Diagnostic> diagnostics;
};

/// The rules are in docs/language/grammar.md, the reasons in docs/decisions/formatting.md.
/// Formatting the result changes nothing. Places are those of `file` as the first of the files that
/// were read. Linear in the text but for columns, of which a line takes at most 200. Pure; any
/// thread.
std::expected<std::string, Unformatted> format(const SourceFile& file);

/// The words that lines are written in after formatting, by which texts can be told apart that say
/// something else. Any thread.
class CanonicalWords {
 public:
  /// Of texts that name no units but those that are built in, and those that the files declare.
  CanonicalWords() : CanonicalWords(std::span<const SourceFile>()) {}
  explicit CanonicalWords(std::span<const SourceFile> files);

  /// A statement a line, its words one blank apart: equal for lines that formatting makes one, and
  /// for other comments.
  std::string of(std::string_view lines) const;

 private:
  std::shared_ptr<const formatting::UnitForms> units_;
};

}  // namespace toll::dsl
