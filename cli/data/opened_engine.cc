#include "cli/data/opened_engine.h"

#include <utility>

#include "engine/store.h"

namespace toll::cli {

Result<std::unique_ptr<engine::Engine>> open_engine(const std::string& folder) {
  auto store = engine::open_store(folder);
  if (!store) return std::unexpected(std::move(store.error()));
  return engine::Engine::open(std::move(*store));
}

}  // namespace toll::cli
