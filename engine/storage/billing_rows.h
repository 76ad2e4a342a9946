// Rows of State about what was billed. They are on disks: do not change them.
//
//   tenant 'b' customer subscription day     a closed period, by its first day
//   tenant 'g' customer id                   a grant that was bought
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/date.h"
#include "engine/bought_grant.h"
#include "engine/closed_period.h"
#include "engine/storage/keys.h"

namespace toll::engine {

std::string closed_period_key(std::string_view tenant, std::string_view customer,
                              std::string_view subscription, Date from);
/// Those of a tenant, and of a subscription, by time.
KeyRange closed_periods_of(std::string_view tenant);
KeyRange closed_periods_of(std::string_view tenant, std::string_view customer,
                           std::string_view subscription);
struct ClosedPlace {
  std::string customer, subscription;
  Date from;
};
/// Empty for another kind of key.
std::optional<ClosedPlace> read_closed_period_key(std::string_view tenant, std::string_view key);
std::string write_closed_period(const ClosedPeriod& period);
/// Empty for what is no such row.
std::optional<ClosedPeriod> read_closed_period(std::string_view value);

std::string grant_key(std::string_view tenant, std::string_view customer, std::string_view id);
/// Those of a tenant, and of a customer, by the length of their ids and then by ids.
KeyRange grants_of(std::string_view tenant);
KeyRange grants_of(std::string_view tenant, std::string_view customer);
std::string write_grant(const BoughtGrant& grant);
/// Empty for what is no such row.
std::optional<BoughtGrant> read_grant(std::string_view tenant, std::string_view key,
                                      std::string_view value);

}  // namespace toll::engine
