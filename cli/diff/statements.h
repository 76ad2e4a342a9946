// The lines of a card as statements with a name and a value, whatever their keywords: what a diff
// compares.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dsl/format.h"
#include "dsl/rate_card.h"
#include "dsl/source.h"

namespace toll::cli {

/// `standard up to 50 TiB at 0.0230 USD per GiB` in the charge `storage` is the key `standard up to
/// 50 TiB` in `storage`, with the value `0.0230 USD per GiB`.
struct Statement {
  std::string where;  ///< the blocks that it stands in: "storage", "plan pro/storage"; or empty
  std::string key;
  std::string value;       ///< empty where the key says all
  std::string text;        ///< the line, its words one blank apart
  std::string canonical;   ///< equal for lines that formatting makes one, whatever their comments
  std::string order = {};  ///< lines with the same one act one after another; empty: it acts alone
  bool is_declared = false;  ///< a unit, dimension or meter, which other cards may reach as well

  /// "storage/standard up to 50 TiB".
  std::string place() const { return where.empty() ? key : where + "/" + key; }
};

/// The card's lines with what it extends worked in, and those of the units, dimensions and meters
/// that it reaches; without examples, which say nothing about prices, and without the day that a
/// version begins on: that on which it ends is a statement. REQUIRES: `card` was checked together
/// with `files`, and `words` are of them.
std::vector<Statement> statements_of(const dsl::RateCard& card,
                                     std::span<const dsl::SourceFile> files,
                                     const dsl::CanonicalWords& words);

/// The lines that the card consists of in its file, in one form whatever their layout and comments.
/// REQUIRES: as above.
std::string own_lines_of(const dsl::RateCard& card, std::span<const dsl::SourceFile> files,
                         const dsl::CanonicalWords& words);

}  // namespace toll::cli
