// Grants that are bought: kept once each, and part of the state of live bills from their first day.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/bought_grant.h"
#include "engine/engine.h"
#include "engine/live_bill.h"
#include "runtime/card_set.h"

namespace toll::engine {

struct GrantRequest {
  std::string tenant, customer;
  BoughtGrant grant;  ///< an empty `subscription`: the one whose card has the pool
};

/// Why a grant is not kept.
struct NotGranted {
  NoBill why = {};
  bool taken = false;  ///< instead: its id is that of another grant
};

/// Keeps a grant; one that is sent again is there once. Any thread.
std::expected<BoughtGrant, NotGranted> grant(const runtime::CardSet& cards, Engine& engine,
                                             const GrantRequest& request);

/// Whether a subscription has the pools of what was granted to it. Any thread.
std::expected<void, NoBill> check_grants(const runtime::CardSet& cards, const Engine& engine,
                                         const std::string& tenant, const std::string& customer,
                                         const Subscription& subscription);

/// What is left in the pools of a subscription, by the bill of the period that goes on.
struct PoolsLeft {
  std::string subscription;
  std::string reason;  ///< why there is no bill; empty: there is one
  std::vector<std::pair<std::string, std::string>> remaining = {};  ///< by pool
};

/// Of each subscription that goes on `as_of` and has pools. Any thread.
Answered<std::vector<PoolsLeft>> pools_left(const runtime::CardSet& cards, const Engine& engine,
                                            const std::string& tenant, const std::string& customer,
                                            Instant as_of);

}  // namespace toll::engine
