// `toll audit`: whether a data folder holds together.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "engine/audit.h"

namespace toll::cli {
namespace {

/// A folder among those of the machine for what is needed for a while; gone with the object.
class Scratch {
 public:
  Scratch() {
    std::error_code fault;
    std::string pattern = std::filesystem::temp_directory_path(fault) / "toll-audit-XXXXXX";
    if (!fault && mkdtemp(pattern.data())) path_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }  ///< empty where none can be made

 private:
  std::filesystem::path path_;
};

}  // namespace

int audit(const AuditOptions& options) {
  if (!std::filesystem::is_directory(options.data)) {
    complain(fmt::format("`{}` is no folder", options.data));
    return kFailed;
  }
  runtime::CardSet cards;
  if (!options.folder.empty()) {
    auto folder = open_folder(options.folder);
    if (!folder) {
      complain(folder.error().message);
      return kFailed;
    }
    cards = std::move(folder->cards);
  }
  const Scratch scratch;
  if (scratch.path().empty()) {
    complain("no folder can be made for temporary files", "set TMPDIR to a folder that has room");
    return kFailed;
  }
  const auto audited = engine::audit_folder(options.data, scratch.path(), cards);
  if (!audited) {
    complain(audited.error().message);
    return kFailed;
  }
  for (const std::string& difference : audited->differences) complain(difference);
  print(fmt::format(
      "{}: {} read by no meter, {} retracted, {} kept as conflicts; sums of {} worked out again; "
      "{}; {}\n",
      counted(audited->events, "event"), audited->unmetered, audited->retracted, audited->conflicts,
      counted(audited->sums, "day"), counted(audited->closed, "closed period"),
      counted(audited->difference_count, "difference")));
  return audited->difference_count == 0 ? kOk : kMismatch;
}

}  // namespace toll::cli
