// A key as its owner has it: `toll_ID_SECRET`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace toll::server {

inline constexpr size_t kKeyIdDigits = 8;

/// Its parts; nothing for what is no key.
std::optional<std::string_view> id_of_token(std::string_view token);

bool is_key_id(std::string_view text);

/// A new one, with an id and a secret that nobody had before.
Result<std::string> make_token();

}  // namespace toll::server
