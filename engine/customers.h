// All customers of a tenant: those of which something was said, and whoever subscriptions and
// events name. A misspelled customer of an event is among those without a subscription.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/engine.h"

namespace toll::engine {

struct CustomersRequest {
  std::string tenant;
  std::string after = {};               ///< the id behind which they begin; empty: the first
  std::optional<bool> subscribed = {};  ///< those with a subscription alone, or without one
  bool with_events = true;              ///< whether they are counted: they have a row a day
  size_t rows_max = 100'000;            ///< that are read, after which no other customer begins
};

struct ListedCustomer {
  Customer customer;           ///< its id alone where nothing was said of it
  uint64_t subscriptions = 0;  ///< those that have ended included
  uint64_t events = 0;         ///< accepted, and not taken back; 0 where they are not counted

  friend bool operator==(const ListedCustomer&, const ListedCustomer&) = default;
};

/// By the bytes of the id, until `visit` says false. Where there are more behind
/// the rows that may be read, the id behind which they begin. Any thread.
Answered<std::optional<std::string>> customers(
    const Engine& engine, const CustomersRequest& request,
    const std::function<bool(const ListedCustomer&)>& visit);

}  // namespace toll::engine
