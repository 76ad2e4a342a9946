#include "engine/storage/account_rows.h"

namespace toll::engine {
namespace {

constexpr uint8_t kAccountForm = 1;  // of all rows so far
constexpr char kCustomer = 'k', kSourceDay = 'd';

std::string of_tenant(std::string_view tenant, char kind) {
  std::string key;
  append_name(key, tenant);
  return key + kind;
}

/// All keys of a tenant and kind.
KeyRange all_of(std::string_view tenant, char kind) {
  return {of_tenant(tenant, kind), of_tenant(tenant, static_cast<char>(kind + 1))};
}

/// What stands behind the tenant and the kind; empty for another kind of key.
std::optional<Parts> parts_of(std::string_view tenant, char kind, std::string_view key) {
  const std::string prefix = of_tenant(tenant, kind);
  if (!key.starts_with(prefix)) return std::nullopt;
  return Parts(key.substr(prefix.size()));
}

}  // namespace

std::string customer_key(std::string_view tenant, std::string_view customer) {
  std::string key = of_tenant(tenant, kCustomer);
  append_name(key, customer);
  return key;
}

KeyRange customers_of(std::string_view tenant) { return all_of(tenant, kCustomer); }

std::optional<std::string> read_customer_key(std::string_view tenant, std::string_view key) {
  auto parts = parts_of(tenant, kCustomer, key);
  if (!parts) return std::nullopt;
  std::string id(parts->name());
  return parts->at_end() ? std::optional(std::move(id)) : std::nullopt;
}

std::string write_customer(const Customer& customer) {
  std::string value{static_cast<char>(kAccountForm)};
  for (const auto& field : {customer.name, customer.currency, customer.tax, customer.time_zone})
    append_name(value, field ? std::string_view(*field) : std::string_view());
  return value;
}

std::optional<Customer> read_customer(std::string id, std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kAccountForm) return std::nullopt;
  Customer customer{.id = std::move(id)};
  customer.name = parts.optional_name();
  customer.currency = parts.optional_name();
  customer.tax = parts.optional_name();
  customer.time_zone = parts.optional_name();
  if (!parts.at_end()) return std::nullopt;
  return customer;
}

std::string source_day_key(std::string_view tenant, std::string_view source, Date day) {
  std::string key = of_tenant(tenant, kSourceDay);
  append_name(key, source);
  append_number(key, static_cast<uint64_t>(day.time_since_epoch().count()));
  return key;
}

KeyRange source_days_of(std::string_view tenant) { return all_of(tenant, kSourceDay); }

std::string source_days_behind(std::string_view tenant, std::string_view source) {
  std::string key = of_tenant(tenant, kSourceDay);
  append_name(key, source);
  return key + std::string(9, '\xff');  // longer than any day
}

std::optional<SourceDayPlace> read_source_day_key(std::string_view tenant, std::string_view key) {
  auto parts = parts_of(tenant, kSourceDay, key);
  if (!parts) return std::nullopt;
  SourceDayPlace place;
  place.source = parts->name();
  place.day = Date(std::chrono::days(static_cast<int64_t>(parts->number())));
  if (!parts->at_end()) return std::nullopt;
  return place;
}

std::string write_source_day(const SourceDay& row) {
  std::string value{static_cast<char>(kAccountForm)};
  for (const uint64_t count : {row.events, row.unmetered, row.rejected, row.conflicts})
    append_number(value, count);
  for (const uint64_t word : row.minutes) append_number(value, word);
  value += static_cast<char>(row.sequence.is_scattered() ? 1 : 0);
  for (const auto& [first, last] : row.sequence.runs()) {
    append_number(value, first);
    append_number(value, last);
  }
  return value;
}

std::optional<SourceDay> read_source_day(std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kAccountForm) return std::nullopt;
  SourceDay row;
  for (uint64_t* count : {&row.events, &row.unmetered, &row.rejected, &row.conflicts})
    *count = parts.number();
  for (uint64_t& word : row.minutes) word = parts.number();
  if (parts.byte() != 0) row.sequence.scatter();
  while (parts.good() && !parts.rest().empty()) {
    const uint64_t first = parts.number();
    const uint64_t last = parts.number();
    if (!parts.good() || last < first) return std::nullopt;
    row.sequence.add(first, last);
  }
  if (!parts.good()) return std::nullopt;
  return row;
}

}  // namespace toll::engine
