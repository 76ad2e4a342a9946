// Which `toll` this is.
#pragma once

#include <string_view>

namespace toll::cli {

/// The release, e.g. "0.1.0".
std::string_view version();

}  // namespace toll::cli
