// Secrets: bytes that nobody guesses, and a comparison that does not tell how far two agree.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace toll {

/// From the generator of OpenSSL, which the system seeds. Fails where it cannot be seeded.
Result<std::string> random_bytes(size_t count);

/// Takes as long for texts of one length, whatever is in them.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// RFC 4648, section 5, without padding.
std::string base64url(std::string_view bytes);

/// Two lower case digits a byte.
std::string hexadecimal(std::string_view bytes);

}  // namespace toll
