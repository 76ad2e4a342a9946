// Standard output for results, standard error for what is wrong.
#pragma once

#include <span>
#include <string_view>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace toll::cli {

void print(std::string_view text);

/// `toll: TEXT`, and below it `help: ...` where there is a way out.
void complain(std::string_view text, std::string_view help = {});

/// The diagnostic as `toll check` shows it, in colour on a terminal unless NO_COLOR is set.
void print_diagnostic(const dsl::Diagnostic& diagnostic, std::span<const dsl::SourceFile> files);

/// Columns that a text takes on a terminal, one per character.
size_t width(std::string_view text);

/// Pads with blanks to a width; a longer text stays as it is.
std::string pad_right(std::string_view text, size_t columns);
std::string pad_left(std::string_view text, size_t columns);

/// "1 file", "2 files".
std::string counted(size_t count, std::string_view singular);

}  // namespace toll::cli
