#include "server/kept_revisions.h"

#include <utility>

#include "server/cards/revision_store.h"

namespace toll::server {

Result<std::shared_ptr<const runtime::EarlierRevisions>> read_kept_revisions(
    const std::filesystem::path& folder) {
  auto store = RevisionStore::open_to_read(folder);
  if (!store) return std::unexpected(std::move(store.error()));
  return *std::move(store);
}

}  // namespace toll::server
