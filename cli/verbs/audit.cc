// `toll audit`: whether a data folder holds together.
#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "engine/audit.h"
#include "engine/store.h"

namespace toll::cli {

int audit(const AuditOptions& options) {
  // Opening would make a folder that is not there, and find nothing wrong with it.
  if (!std::filesystem::is_directory(options.data)) {
    complain(fmt::format("`{}` is no folder", options.data));
    return kFailed;
  }
  const auto store = engine::open_store(options.data);
  if (!store) {
    complain(store.error().message);
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
  const auto audited = engine::audit(**store, cards);
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
