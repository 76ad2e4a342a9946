#include "server/keys/token.h"

#include <algorithm>

#include "base/secret.h"

namespace toll::server {
namespace {

constexpr std::string_view kPrefix = "toll_";
constexpr size_t kSecretBytes = 32;
constexpr size_t kSecretCharacters = 43;  // of base64url

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_of_secret(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_';
}

}  // namespace

bool is_key_id(std::string_view text) {
  return text.size() == kKeyIdDigits && std::ranges::all_of(text, is_hexadecimal);
}

std::optional<std::string_view> id_of_token(std::string_view token) {
  if (token.size() != kPrefix.size() + kKeyIdDigits + 1 + kSecretCharacters) return std::nullopt;
  if (!token.starts_with(kPrefix)) return std::nullopt;
  const std::string_view id = token.substr(kPrefix.size(), kKeyIdDigits);
  const std::string_view rest = token.substr(kPrefix.size() + kKeyIdDigits);
  if (!is_key_id(id) || !rest.starts_with('_') ||
      !std::ranges::all_of(rest.substr(1), is_of_secret))
    return std::nullopt;
  return id;
}

Result<std::string> make_token() {
  const auto id = random_bytes(kKeyIdDigits / 2);
  if (!id) return std::unexpected(id.error());
  const auto secret = random_bytes(kSecretBytes);
  if (!secret) return std::unexpected(secret.error());
  return std::string(kPrefix) + hexadecimal(*id) + "_" + base64url(*secret);
}

}  // namespace toll::server
