// What may be meant otherwise in what is asked: a sentence each, lower case, no full stop.
#pragma once

#include <string>
#include <vector>

#include "dsl/rate_card.h"

namespace toll::runtime {

/// Adds a warning, unless it is empty or there already. A document could say a hundred thousand: 20
/// are kept.
void add_warning(std::vector<std::string>& warnings, std::string warning);

/// Of an offer that is what all plans have in common; empty of any other.
std::string warning_of_no_plan(const dsl::RateCard& card);

}  // namespace toll::runtime
