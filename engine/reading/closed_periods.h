// The closed periods of a subscription, each with the cards that priced it.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/closed_period.h"
#include "engine/engine.h"
#include "engine/subscription.h"
#include "metering/state_before.h"
#include "runtime/answer.h"
#include "runtime/card_set.h"

namespace toll::engine {

/// One thread.
class ClosedPeriods {
 public:
  /// REQUIRES: `live` outlives this.
  static Answered<ClosedPeriods> read(const runtime::CardSet& live, const Engine& engine,
                                      std::string_view tenant, std::string_view customer,
                                      const Subscription& subscription);

  /// By time.
  const std::vector<ClosedPeriod>& all() const { return all_; }
  std::optional<Date> until() const;

  /// The texts that billed one of them and no others, whatever is live now. A refusal where one of
  /// them is neither live nor kept.
  using Cards = std::expected<std::shared_ptr<const runtime::CardSet>, runtime::Refusal>;
  Cards cards_of(const ClosedPeriod& closed) const;

  /// Those before a day, as bills of later periods follow from them. REQUIRES: this outlives them.
  std::vector<metering::BilledPeriod> before(Date day) const;

  /// What they have left, as far as that was asked for. REQUIRES: it is of the events of one
  /// moment.
  metering::LeftByBilled& left() const { return left_; }

 private:
  ClosedPeriods(const runtime::CardSet& live, std::string card, Date since)
      : live_(live), card_(std::move(card)), since_(since) {}
  Cards make(const ClosedPeriod& closed) const;

  const runtime::CardSet& live_;
  std::string card_;  // of the subscription
  Date since_;
  std::vector<ClosedPeriod> all_;
  mutable std::map<std::vector<std::string>, std::shared_ptr<const runtime::CardSet>> made_;
  mutable metering::LeftByBilled left_;
};

/// The cards by which each part of an answer was priced, in their order: the names are needed to
/// find its texts again. REQUIRES: it was just made by `cards`.
std::vector<std::string> part_cards_of(const runtime::CardSet& cards, const runtime::Answer& answer,
                                       const Subscription& subscription,
                                       const std::string& customer);

}  // namespace toll::engine
