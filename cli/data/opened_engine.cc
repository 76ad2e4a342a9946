#include "cli/data/opened_engine.h"

#include <utility>

#include "cli/data/backup_mark.h"
#include "engine/store.h"

namespace toll::cli {

Result<std::unique_ptr<engine::Engine>> open_engine(const std::string& folder) {
  if (auto own = check_no_backup(folder); !own) return std::unexpected(std::move(own.error()));
  auto store = engine::open_store(folder);
  if (!store) return std::unexpected(std::move(store.error()));
  return engine::Engine::open(std::move(*store));
}

}  // namespace toll::cli
