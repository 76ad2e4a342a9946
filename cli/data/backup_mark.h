// What tells a backup from a data folder that is worked with: what is added to a backup is lost
// when it is restored into another folder, and the backup is not what it was.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace toll::cli {

Result<void> mark_as_backup(const std::filesystem::path& folder);

/// An Error, with the way out, where the folder is a backup.
Result<void> check_no_backup(const std::filesystem::path& folder);

}  // namespace toll::cli
