#include "engine/storage/account_rows.h"

#include "engine/storage/row_parts.h"

namespace toll::engine {
namespace {

constexpr uint8_t kAccountForm = 1;  // of all rows so far
constexpr char kCustomer = 'k', kSourceDay = 'd';

}  // namespace

std::string customer_key(std::string_view tenant, std::string_view customer) {
  std::string key = of_kind(tenant, kCustomer);
  append_name(key, customer);
  return key;
}

KeyRange customers_of(std::string_view tenant) { return all_of_kind(tenant, kCustomer); }

std::optional<std::string> read_customer_key(std::string_view tenant, std::string_view key) {
  auto parts = parts_behind(tenant, kCustomer, key);
  if (!parts) return std::nullopt;
  std::string id(parts->name());
  return parts->at_end() ? std::optional(std::move(id)) : std::nullopt;
}

std::string write_customer(const Customer& customer) {
  std::string value{static_cast<char>(kAccountForm)};
  for (const auto& field : {customer.name, customer.currency, customer.tax, customer.time_zone})
    append_optional(value, field);
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
  std::string key = of_kind(tenant, kSourceDay);
  append_name(key, source);
  append_date(key, day);
  return key;
}

KeyRange source_days_of(std::string_view tenant) { return all_of_kind(tenant, kSourceDay); }

std::string source_days_behind(std::string_view tenant, std::string_view source) {
  std::string key = of_kind(tenant, kSourceDay);
  append_name(key, source);
  return behind_days(key);
}

std::optional<SourceDayPlace> read_source_day_key(std::string_view tenant, std::string_view key) {
  auto parts = parts_behind(tenant, kSourceDay, key);
  if (!parts) return std::nullopt;
  SourceDayPlace place;
  place.source = parts->name();
  place.day = read_date(*parts);
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
