// Rows of State about what is settled. They are on disks: do not change them.
//
//   tenant 'z' customer                      subscriptions of which nothing is to be corrected
//
// A customer without one, as before there were such rows, has none that is known to be settled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/settled.h"
#include "engine/store.h"

namespace toll::engine {

std::string settled_key(std::string_view tenant, std::string_view customer);
/// The customer; empty for another kind of key.
std::optional<std::string> read_settled_key(std::string_view tenant, std::string_view key);
std::string write_settled(const std::vector<Settled>& all);
/// Empty for what is no such row.
std::optional<std::vector<Settled>> read_settled(std::string_view value);

/// Those of a customer. A row that is not understood says nothing: what it is about is worked out.
std::expected<std::vector<Settled>, StoreError> settled_of(const View& view,
                                                           std::string_view tenant,
                                                           std::string_view customer);

}  // namespace toll::engine
