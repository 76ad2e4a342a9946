#include "engine/storage/settled_rows.h"

#include <chrono>
#include <utility>

#include "engine/storage/row_parts.h"

namespace toll::engine {
namespace {
constexpr uint8_t kSettledForm = 1;
constexpr char kSettled = 'z';
}  // namespace

std::string settled_key(std::string_view tenant, std::string_view customer) {
  std::string key = of_kind(tenant, kSettled);
  append_name(key, customer);
  return key;
}

std::optional<std::string> read_settled_key(std::string_view tenant, std::string_view key) {
  auto parts = parts_behind(tenant, kSettled, key);
  if (!parts) return std::nullopt;
  std::string customer(parts->name());
  return parts->at_end() ? std::optional(std::move(customer)) : std::nullopt;
}

std::string write_settled(const std::vector<Settled>& all) {
  std::string value{static_cast<char>(kSettledForm)};
  append_number(value, all.size());
  for (const Settled& one : all) {
    append_name(value, one.subscription);
    append_date(value, one.until);
    append_number(value, nanoseconds_of(one.at));
    append_number(value, nanoseconds_of(one.before));
    append_number(value, one.position);
  }
  return value;
}

std::optional<std::vector<Settled>> read_settled(std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kSettledForm) return std::nullopt;
  std::vector<Settled> all;
  for (uint64_t left = parts.number(); left > 0 && parts.good(); --left) {
    Settled one;
    one.subscription = parts.name();
    one.until = read_date(parts);
    one.at = Instant(std::chrono::nanoseconds(parts.number()));
    one.before = Instant(std::chrono::nanoseconds(parts.number()));
    one.position = parts.number();
    all.push_back(std::move(one));
  }
  return parts.at_end() ? std::optional(std::move(all)) : std::nullopt;
}

std::expected<std::vector<Settled>, StoreError> settled_of(const View& view,
                                                           std::string_view tenant,
                                                           std::string_view customer) {
  const auto row = view.get(Table::State, settled_key(tenant, customer));
  if (!row) return std::unexpected(row.error());
  auto all = *row ? read_settled(**row) : std::nullopt;
  return std::move(all).value_or(std::vector<Settled>());
}

}  // namespace toll::engine
