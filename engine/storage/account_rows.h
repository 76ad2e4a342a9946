// Rows of State beside those of keys.h and values.h. They are on disks: do not change them.
//
//   tenant 'k' customer             a customer
//   tenant 'd' source day           what came from a source with a time of that day (of UTC)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/date.h"
#include "engine/customer.h"
#include "engine/storage/keys.h"
#include "engine/storage/source_day.h"

namespace toll::engine {

std::string customer_key(std::string_view tenant, std::string_view customer);
KeyRange customers_of(std::string_view tenant);
std::string write_customer(const Customer& customer);
/// Empty for what is no such row; so below.
std::optional<Customer> read_customer(std::string id, std::string_view value);
/// Of a key of customers_of().
std::optional<std::string> read_customer_key(std::string_view tenant, std::string_view key);

std::string source_day_key(std::string_view tenant, std::string_view source, Date day);
KeyRange source_days_of(std::string_view tenant);
/// The rows of all sources whose names come behind this one's.
std::string source_days_behind(std::string_view tenant, std::string_view source);
struct SourceDayPlace {
  std::string source;
  Date day;
};
/// Of a key of source_days_of().
std::optional<SourceDayPlace> read_source_day_key(std::string_view tenant, std::string_view key);
std::string write_source_day(const SourceDay& row);
std::optional<SourceDay> read_source_day(std::string_view value);

}  // namespace toll::engine
