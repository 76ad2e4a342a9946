// `toll backup` and `toll restore`: a copy of a data folder, and the way back.
#include "engine/backup.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "cli/data/backup_mark.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "server/kept_revisions.h"

namespace toll::cli {
namespace {

int copy(const std::string& from, const std::string& to, bool marked) {
  if (!std::filesystem::is_directory(from)) {
    complain(fmt::format("`{}` is no folder", from));
    return kFailed;
  }
  const auto copied =
      engine::copy_store(from, to, [&](const std::filesystem::path& beside) -> Result<void> {
        if (auto kept = server::copy_kept_revisions(from, beside); !kept) return kept;
        return marked ? mark_as_backup(beside) : Result<void>();
      });
  if (!copied) {
    complain(copied.error().message);
    return kFailed;
  }
  print(fmt::format("{}, {}: copied to `{}` and audited\n", counted(copied->events, "event"),
                    counted(copied->rows, "row"), to));
  return kOk;
}

}  // namespace

int backup(const CopyOptions& options) { return copy(options.data, options.copy, /*marked=*/true); }

int restore(const CopyOptions& options) {
  // Each backup has one. Without it rows that were lost from the copy would not be missed.
  if (const std::filesystem::path copied = options.copy;
      std::filesystem::is_directory(copied) && !std::filesystem::exists(copied / "mark")) {
    complain(
        fmt::format("`{}` has no `mark`, which says how far the backup had come, so that nobody "
                    "can say whether it is whole",
                    options.copy),
        "fetch the backup again with all of its files, or take another one");
    return kFailed;
  }
  return copy(options.copy, options.data, /*marked=*/false);
}

}  // namespace toll::cli
