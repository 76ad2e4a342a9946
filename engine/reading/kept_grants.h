// The grants of a customer from their rows.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "engine/bought_grant.h"
#include "engine/store.h"

namespace toll::engine {

/// In the order in which they were created.
std::expected<std::vector<BoughtGrant>, StoreError> read_grants(const View& view,
                                                                std::string_view tenant,
                                                                std::string_view customer);

}  // namespace toll::engine
