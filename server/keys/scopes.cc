#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "server/keys.h"
#include "wire/text.h"

namespace toll::server {
namespace {

constexpr std::string_view kAdmin = "admin";

uint32_t bit_of(std::string_view scope) {
  const auto* const found = std::ranges::find(kScopes, scope);
  return found == std::end(kScopes) ? 0 : uint32_t{1} << (found - std::begin(kScopes));
}

}  // namespace

Result<Scopes> Scopes::parse(std::string_view words) {
  Scopes scopes;
  while (!words.empty()) {
    const size_t end = std::min(words.find_first_of(" ,"), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (word.empty()) continue;
    const uint32_t bit = bit_of(word);
    if (bit == 0)
      return std::unexpected(Error{fmt::format("there is no scope `{}`", wire::shown(word))});
    scopes.bits_ |= bit;
  }
  if (scopes.empty()) return std::unexpected(Error{"no scope is named"});
  return scopes;
}

bool Scopes::allow(std::string_view scope) const {
  return (bits_ & (bit_of(scope) | bit_of(kAdmin))) != 0;
}

std::string Scopes::to_string() const {
  std::string words;
  for (const std::string_view scope : kScopes)
    if (bits_ & bit_of(scope)) words += (words.empty() ? "" : " ") + std::string(scope);
  return words;
}

}  // namespace toll::server
