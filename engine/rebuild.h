// Counting the sums of days anew, from the events: days whose sums were dropped (an event was taken
// back, a card read otherwise when one came) are fast again, and wrong ones are right.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/engine.h"
#include "runtime/card_set.h"

namespace toll::engine {

struct Rebuilt {
  uint64_t events = 0;   ///< read, those that were taken back included
  uint64_t days = 0;     ///< of customers
  uint64_t sums = 0;     ///< of these days, by a card's reading
  uint64_t changed = 0;  ///< days of which something else was kept
};

/// The cards of a tenant; null: its days are left as they are.
using CardsOfTenant = std::function<const runtime::CardSet*(const std::string& tenant)>;

/// Keeps of each day what its events come to by the cards of the customer's subscriptions, and by
/// the others that it was kept of before, as far as they read every one of them. REQUIRES: nobody
/// else gives commands to the engine meanwhile.
Answered<Rebuilt> rebuild(Engine& engine, const CardsOfTenant& cards_of);

}  // namespace toll::engine
