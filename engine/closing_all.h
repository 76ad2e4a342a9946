// The end of a month: a period is closed for all customers of a tenant.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>

#include "engine/closing.h"
#include "engine/engine.h"
#include "runtime/card_set.h"

namespace toll::engine {

struct CloseAllRequest {
  std::string tenant;
  Date day;                  ///< in the period of each subscription
  Instant as_of;             ///< when it is closed
  size_t names_max = 1'000;  ///< of customers, in memory at once
  size_t threads = 1;        ///< that close customers at once
};

/// What became of a subscription.
struct Closing {
  std::string customer, subscription;
  std::expected<Bill, NoBill> bill;
  bool was_closed = false;  ///< before, with this bill
};

/// Closes the period that holds the day for each subscription that is billed for some of its days,
/// or that has ended before and has something to correct, as close_period() does, by customers in
/// the order of their ids, until `visit` says false. What one of them is refused for keeps no other
/// back; run again, it goes on where it was cut off and finds the others closed. `visit` is called
/// by this thread alone; where there are several, a few customers behind the one that it is told of
/// are closed already. An error where the customers cannot be read. Any thread.
Answered<void> close_all(const runtime::CardSet& cards, Engine& engine,
                         const CloseAllRequest& request,
                         const std::function<bool(const Closing&)>& visit);

}  // namespace toll::engine
