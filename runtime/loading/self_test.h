// What a new text must pass before it answers: its own examples and its golden invoices.
#pragma once

#include <memory>
#include <string>

#include "runtime/card_set.h"

namespace toll::runtime {

/// Why an example does not give what it expects, as a sentence that names it and its line; empty
/// where it does. REQUIRES: `revision` is not null, `example` is one of its card's, and `offers`
/// hold those that bill its days.
std::string why_example_fails(const std::shared_ptr<const Revision>& revision,
                              const dsl::Example& example, const CardSet::Revisions& offers);

}  // namespace toll::runtime
