#include "engine/reading/kept_grants.h"

#include <algorithm>
#include <utility>

#include "engine/storage/billing_rows.h"
#include "engine/writing/group.h"

namespace toll::engine {

std::expected<std::vector<BoughtGrant>, StoreError> read_grants(const View& view,
                                                                std::string_view tenant,
                                                                std::string_view customer) {
  std::vector<BoughtGrant> grants;
  bool good = true;
  const KeyRange range = grants_of(tenant, customer);
  const auto scanned = view.scan(Table::State, range.from, range.until,
                                 [&](std::string_view key, std::string_view value) {
                                   auto grant = read_grant(tenant, key, value);
                                   good = grant.has_value();
                                   if (good) grants.push_back(*std::move(grant));
                                   return good;
                                 });
  if (!scanned) return std::unexpected(scanned.error());
  if (!good) return std::unexpected(damaged(Table::State, "a grant"));
  std::ranges::sort(grants, {}, &BoughtGrant::number);
  return grants;
}

}  // namespace toll::engine
