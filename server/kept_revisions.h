// Revisions that a service kept, read and copied by others than that service.
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

/// Copies what is kept of all tenants below one data folder to below another, in which nothing is
/// kept yet. A service may go on with the first meanwhile: each revision that has answered before
/// the call is in the copy, whole. An Error where one is damaged.
Result<void> copy_kept_revisions(const std::filesystem::path& data,
                                 const std::filesystem::path& copy);

}  // namespace toll::server
