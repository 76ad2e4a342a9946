// `toll rebuild`: the sums of days of a data folder, counted anew from its events.
#include "engine/rebuild.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/data/opened_engine.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "server/keys.h"

namespace toll::cli {
namespace {

/// The folders of tenants, each opened when the first of its customers is met.
class CardsOfTenants {
 public:
  explicit CardsOfTenants(std::string folder) : folder_(std::move(folder)) {}

  const runtime::CardSet* operator()(const std::string& tenant) {
    const auto [at, fresh] = opened_.try_emplace(tenant);
    if (fresh) {
      auto folder = open_tenants_folder(folder_, tenant == server::kDefaultTenant ? "" : tenant);
      if (folder)
        at->second = std::move(folder->cards);
      else
        complain(fmt::format("the days of tenant `{}` are left as they are: {}", tenant,
                             folder.error().message));
    }
    return at->second ? &*at->second : nullptr;
  }

  bool complete() const {
    for (const auto& [tenant, cards] : opened_)
      if (!cards) return false;
    return true;
  }

 private:
  const std::string folder_;
  std::map<std::string, std::optional<runtime::CardSet>> opened_;
};

}  // namespace

int rebuild(const RebuildOptions& options) {
  // Opening would make a folder that is not there, and find nothing to count.
  if (!std::filesystem::is_directory(options.data)) {
    complain(fmt::format("`{}` is no folder", options.data));
    return kFailed;
  }
  const auto engine = open_engine(options.data);
  if (!engine) {
    complain(engine.error().message);
    return kFailed;
  }
  CardsOfTenants cards(options.folder);
  const auto rebuilt =
      engine::rebuild(**engine, [&](const std::string& tenant) { return cards(tenant); });
  if (!rebuilt) {
    complain(rebuilt.error().message);
    return kFailed;
  }
  print(fmt::format("{} read, {} counted anew by {}: {} changed\n",
                    counted(rebuilt->events, "event"), counted(rebuilt->days, "day"),
                    counted(rebuilt->sums, "sum"), rebuilt->changed));
  return cards.complete() ? kOk : kFailed;
}

}  // namespace toll::cli
