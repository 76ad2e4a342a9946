// `toll quote --batch`.
#pragma once

#include "cli/verbs/verbs.h"
#include "runtime/card_set.h"

namespace toll::cli {

/// Answers the documents of a file, one a line, in order. A line that cannot be answered gives an
/// error in its place. The exit code.
int quote_batch(const QuoteOptions& options, const runtime::CardSet& cards);

}  // namespace toll::cli
