// A checked card as text, cut out of the files that it was read from.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dsl/rate_card.h"
#include "dsl/source.h"

namespace toll::cli {

/// The lines of one declaration, without what stands before and after it.
struct DeclarationText {
  enum class Kind { Unit, Dimension, Meter } kind;
  std::string name;
  std::string text;  ///< ends with a line break
};

/// The units, dimensions and meters that the card reaches, in the order of files and lines, each
/// once. REQUIRES: `card` was checked together with `files`, as for all functions here.
std::vector<DeclarationText> declarations_of(const dsl::RateCard& card,
                                             std::span<const dsl::SourceFile> files);

/// The card as a file that stands alone and makes the same revision.
std::string flattened(const dsl::RateCard& card, std::span<const dsl::SourceFile> files);

}  // namespace toll::cli
