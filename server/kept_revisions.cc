#include "server/kept_revisions.h"

#include <string>
#include <system_error>
#include <utility>

#include "server/cards/revision_store.h"
#include "server/keys.h"
#include "server/tenants.h"

namespace toll::server {

Result<std::shared_ptr<const runtime::EarlierRevisions>> read_kept_revisions(
    const std::filesystem::path& folder) {
  auto store = RevisionStore::open_to_read(folder);
  if (!store) return std::unexpected(std::move(store.error()));
  return *std::move(store);
}

Result<void> copy_kept_revisions(const std::filesystem::path& data,
                                 const std::filesystem::path& copy) {
  if (auto copied = RevisionStore::copy(kept_revisions_folder(data, kDefaultTenant),
                                        kept_revisions_folder(copy, kDefaultTenant));
      !copied)
    return copied;
  std::error_code fault;
  for (const auto& tenant : std::filesystem::directory_iterator(data / "tenants", fault)) {
    const std::string name = tenant.path().filename().string();
    if (auto copied = RevisionStore::copy(kept_revisions_folder(data, name),
                                          kept_revisions_folder(copy, name));
        !copied)
      return copied;
  }
  return {};
}

}  // namespace toll::server
