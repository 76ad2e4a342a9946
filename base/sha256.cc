#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <new>
#include <span>

namespace toll {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  // With a built-in algorithm there is nothing to fail but memory.
  if (!EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr))
    throw std::bad_alloc();
  std::string text;
  for (const unsigned char byte : std::span(digest).first(size))
    text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace toll
