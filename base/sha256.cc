#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <new>

#include "base/secret.h"

namespace toll {

std::string sha256(std::string_view bytes) {
  // Looked up once: that takes longer than the hash of a short text.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  // With a built-in algorithm there is nothing to fail but memory.
  if (!EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr))
    throw std::bad_alloc();
  return {digest.begin(), digest.begin() + size};
}

std::string sha256_hex(std::string_view bytes) { return hexadecimal(sha256(bytes)); }

}  // namespace toll
