// The live bill: what a customer owes for a period by the events that are kept. It is the quote of
// what those events come to, and nothing else.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "engine/engine.h"
#include "runtime/answer.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::engine {

struct BillRequest {
  std::string tenant, customer;
  std::optional<std::string> subscription;  ///< needed where several cover the period
  std::optional<Date> day;                  ///< in the period; default: the day of `as_of`
  Instant as_of;  ///< what has happened by then counts; the period goes on until its end
};

/// Why there is no bill. Never a guess: what cannot be counted exactly is refused.
struct NoBill {
  enum class Kind {
    NotFound,    ///< no such subscription, or none on that day
    Ambiguous,   ///< several cover the period: name one
    GoesOn,      ///< the period is to be closed, and is not over
    Unfit,       ///< the card cannot bill what happened, or needs what is not kept yet
    Unanswered,  ///< the storage failed
  } kind = Kind::Unfit;
  std::string message;                        ///< one sentence
  std::vector<runtime::UsageFault> faults{};  ///< each at its place in the usage document
};

/// Whether the card, plan and currency are on sale on the subscription's first day, and each plan
/// that it changes to on the first of its own. Any thread.
std::expected<void, NoBill> check_subscription(const runtime::CardSet& cards,
                                               const std::string& customer,
                                               const Subscription& subscription);

/// Whether a subscription names a plan on the first day that is still to be billed, where plans of
/// the card bill what is not common to all. What is closed already was billed as it was. Any
/// thread.
std::expected<void, NoBill> check_plan(const runtime::CardSet& cards, const Engine& engine,
                                       const std::string& tenant, const std::string& customer,
                                       const Subscription& subscription);

/// The usage of the customer in the period that holds the day, cut to the days of the subscription:
/// what the quote is asked. Any thread.
std::expected<runtime::UsageDocument, NoBill> live_usage(const runtime::CardSet& cards,
                                                         const Engine& engine,
                                                         const BillRequest& request);

/// The quote of live_usage(). Any thread.
std::expected<runtime::Answer, NoBill> live_bill(const runtime::CardSet& cards,
                                                 const Engine& engine, const BillRequest& request);

}  // namespace toll::engine
