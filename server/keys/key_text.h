// A key as a line of its file.
#pragma once

#include <string>
#include <string_view>

#include "server/keys.h"

namespace toll::server {

/// With its line break.
std::string to_line(const ApiKey& key);

/// Strict: what is not understood is an error, so that no mistake lets somebody in.
Result<ApiKey> key_of_line(std::string_view line);

}  // namespace toll::server
