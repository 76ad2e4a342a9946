// Syntax trees of a folder to checked rate cards.
#pragma once

#include <span>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/rate_card.h"
#include "dsl/source.h"

namespace toll::dsl {

struct Checked {
  /// The cards without errors, ordered by name and date. A version stands there once for each of its
  /// offers: what is common to all plans first, then each plan, each in all currencies. A card with
  /// an error in any offer is absent; others of the folder are not held back by it.
  std::vector<RateCard> cards;
  std::vector<Diagnostic> diagnostics;  ///< in order of file and line
};

/// Parses and checks files that belong together: units, dimensions and meters are shared by all.
/// A repeated declaration must be the same word for word. The order of files changes nothing but the
/// order of diagnostics. Pure; may be called from any thread.
Checked check(std::span<const SourceFile> files);

}  // namespace toll::dsl
