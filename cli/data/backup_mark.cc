#include "cli/data/backup_mark.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

namespace toll::cli {
namespace {

std::filesystem::path mark_in(const std::filesystem::path& folder) { return folder / "backup"; }

}  // namespace

Result<void> mark_as_backup(const std::filesystem::path& folder) {
  std::ofstream file(mark_in(folder));
  file << "This folder is a backup: `toll restore` makes a data folder of it.\n";
  if (!file.flush())
    return std::unexpected(Error{fmt::format("`{}` cannot be written", mark_in(folder).string())});
  return {};
}

Result<void> check_no_backup(const std::filesystem::path& folder) {
  std::error_code fault;
  if (!std::filesystem::exists(mark_in(folder), fault)) return {};
  return std::unexpected(
      Error{fmt::format("`{0}` is a backup, and nothing is written into one: `toll restore {0} "
                        "--data NEW` makes a data folder of it",
                        folder.string())});
}

}  // namespace toll::cli
