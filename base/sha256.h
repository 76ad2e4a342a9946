// SHA-256 (FIPS 180-4) of a byte string.
#pragma once

#include <string>
#include <string_view>

namespace toll {

/// 32 bytes.
std::string sha256(std::string_view bytes);

/// 64 lower case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace toll
