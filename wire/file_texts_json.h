// A JSON object of texts by file name, as a merge patch (RFC 7396) of a folder.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/usage.h"

namespace toll::wire {

/// Files of one object, at most.
inline constexpr size_t kFileTextsMax = 1000;

/// The texts; a null is a file that is to go. A name that stands twice and a value that is neither
/// are faults at their place. Pure; any thread.
std::expected<std::map<std::string, std::optional<std::string>>, std::vector<runtime::UsageFault>>
read_file_texts(std::string_view text);

}  // namespace toll::wire
