// A checked card as text, cut out of the files that it was read from.
#pragma once

#include <span>
#include <string>

#include "dsl/rate_card.h"
#include "dsl/source.h"

namespace toll::cli {

/// The lines of a declaration or a card as they were written; ends with one line break.
/// REQUIRES: the block comes from a check of `files`.
std::string block_text(dsl::Place block, std::span<const dsl::SourceFile> files);

/// The card as a file that stands alone, with what it extends worked in; of one plan, where it is
/// named, without what belongs to the others. REQUIRES: `card` was checked together with `files`.
std::string flattened(const dsl::RateCard& card, std::span<const dsl::SourceFile> files,
                      const std::string& plan);

}  // namespace toll::cli
