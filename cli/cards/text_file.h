// Card files as they are read from standard input and written back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace toll::cli {

/// All of standard input, but no more than is needed to see that it is too large for a card file.
Result<std::string> read_standard_input();

/// Puts a text in the place of a file's, so that a reader sees the old text or the new and never a
/// part: written beside it and renamed. The file keeps its mode; of a link, its target is replaced.
/// A file that may not be written is left alone. The mistake, if there is one.
std::optional<Error> replace_text(const std::string& path, std::string_view text);

}  // namespace toll::cli
