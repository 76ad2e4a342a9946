// Versions: the cards of one name, one after the other in time.
#pragma once

#include <memory>
#include <vector>

#include "dsl/checker/version_context.h"

namespace toll::dsl::checker {

/// Orders the cards by name and date, ends each version where the next one begins, and fails those
/// that do not follow one another. A version with errors still ends the one before it, so that an
/// old price is never charged for days a new card was meant for.
void check_versions(std::vector<std::unique_ptr<VersionContext>>& versions);

}  // namespace toll::dsl::checker
