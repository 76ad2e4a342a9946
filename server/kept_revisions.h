// Revisions that a service kept, read by others than that service.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "runtime/card_set.h"

namespace toll::server {

/// Those of a folder that CardFolder was given as `kept`, as far as they are written now: a service
/// may go on with it meanwhile, and nothing in it changes by this. An Error where it is not there
/// or damaged.
Result<std::shared_ptr<const runtime::EarlierRevisions>> read_kept_revisions(
    const std::filesystem::path& folder);

}  // namespace toll::server
