#include "server/keys/key_text.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <utility>

#include "base/secret.h"
#include "server/keys/token.h"
#include "wire/flat_json.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::server {
namespace {

constexpr std::string_view kHashPrefix = "sha256:";
constexpr size_t kHashDigits = 64;

std::unexpected<Error> fault(std::string text) { return std::unexpected(Error{std::move(text)}); }

/// The fields of a line; each reading leaves the first mistake.
class Fields {
 public:
  explicit Fields(std::map<std::string, std::string, std::less<>> values)
      : values_(std::move(values)) {}

  std::optional<std::string> text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

  std::optional<Instant> moment(std::string_view name) {
    const auto written = text(name);
    if (!written) return std::nullopt;
    const auto read = parse_instant(*written);
    if (!read)
      mistake(fmt::format("`{}` of `{}` is not like 2026-03-31T12:00:00Z", wire::shown(*written),
                          name));
    return read;
  }

  std::optional<uint32_t> count(std::string_view name) {
    const auto written = text(name);
    if (!written) return std::nullopt;
    uint32_t number = 0;
    const char* const end = written->data() + written->size();
    const auto [stopped, error] = std::from_chars(written->data(), end, number);
    if (error != std::errc() || stopped != end || number < 1 || number > kRateMost)
      mistake(fmt::format("`{}` of `{}` is not a number from 1 to {}", wire::shown(*written), name,
                          kRateMost));
    return number;
  }

  void mistake(std::string text) {
    if (mistake_.empty()) mistake_ = std::move(text);
  }
  const std::string& first_mistake() const { return mistake_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::string mistake_;
};

/// 32 bytes of `sha256:` and 64 digits.
std::optional<std::string> read_hash(std::string_view text) {
  if (!text.starts_with(kHashPrefix)) return std::nullopt;
  text.remove_prefix(kHashPrefix.size());
  if (text.size() != kHashDigits) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    uint8_t byte = 0;
    const char* const end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, byte, 16).ptr != end) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::optional<std::string> read_tenant(Fields& fields) {
  auto named = fields.text("tenant");
  if (!named || *named == kDefaultTenant) return std::nullopt;
  if (const std::string why = tenant_fault(*named); !why.empty()) fields.mistake("`tenant` " + why);
  return named;
}

std::optional<RateLimit> read_limit(Fields& fields) {
  const auto rate = fields.count("rate");
  const auto burst = fields.count("burst");
  if (!rate && burst) fields.mistake("`burst` stands without `rate`");
  if (!rate) return std::nullopt;
  return RateLimit{*rate, burst.value_or(*rate)};
}

}  // namespace

std::string to_line(const ApiKey& key) {
  std::string line;
  wire::JsonWriter json(line);
  json.begin_object().text("id", key.id).text("name", key.name);
  json.text("hash", std::string(kHashPrefix) + hexadecimal(key.hash));
  json.text("scopes", key.scopes.to_string());
  if (key.tenant) json.text("tenant", *key.tenant);
  if (key.customer) json.text("customer", *key.customer);
  if (key.limit) {
    json.text("rate", std::to_string(key.limit->per_second));
    json.text("burst", std::to_string(key.limit->burst));
  }
  json.text("created", to_string(key.created));
  if (key.expires) json.text("expires", to_string(*key.expires));
  if (key.revoked) json.text("revoked", to_string(*key.revoked));
  json.end_object();
  return line + "\n";
}

Result<ApiKey> key_of_line(std::string_view line) {
  constexpr wire::TextField kFields[] = {
      {"id", true}, {"name", true},    {"hash", true}, {"scopes", true}, {"customer"}, {"rate"},
      {"burst"},    {"created", true}, {"expires"},    {"revoked"},      {"tenant"}};
  auto values = wire::read_text_fields(line, kFields);
  if (!values) {
    const runtime::UsageFault& first = values.error().front();
    return fault(
        fmt::format("{}{}{}", first.pointer, first.pointer.empty() ? "" : " ", first.message));
  }
  Fields fields(*std::move(values));
  auto scopes = Scopes::parse(*fields.text("scopes"));
  if (!scopes) return std::unexpected(scopes.error());
  const auto hash = read_hash(*fields.text("hash"));
  if (!hash) return fault("`hash` is not `sha256:` and 64 hexadecimal digits");
  ApiKey key{.id = *fields.text("id"),
             .name = *fields.text("name"),
             .hash = *hash,
             .scopes = *scopes,
             .customer = fields.text("customer"),
             .limit = read_limit(fields),
             .created = fields.moment("created").value_or(Instant{}),
             .expires = fields.moment("expires"),
             .revoked = fields.moment("revoked"),
             .tenant = read_tenant(fields)};
  if (!is_key_id(key.id)) return fault("`id` is not 8 hexadecimal digits");
  if (!fields.first_mistake().empty()) return fault(fields.first_mistake());
  return key;
}

}  // namespace toll::server
