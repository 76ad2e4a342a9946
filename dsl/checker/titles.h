// The titles of examples and invoices, by which `toll test` and those who read it name them.
#pragma once

#include <cstdint>

#include "dsl/checker/report.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// W329: two examples of one card, or two invoices for one card in a file, have one title.
void warn_about_equal_titles(const syntax::File& tree, uint32_t file, Report& report);

}  // namespace toll::dsl::checker
