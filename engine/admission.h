// The door: whether an event can be priced by the card that its customer has.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/ingest.h"
#include "metering/meter_usage.h"
#include "metering/read_events.h"
#include "runtime/card_set.h"

namespace toll::engine {

/// Reads events and holds each against the cards, for one request: it keeps what it looked up.
///
/// An event belongs to the subscriptions of its customer that cover its day; each one's card must
/// be able to read it, or it is refused with the meter's line. Where no subscription covers the
/// day, an event is refused only if every card that has a meter for it fails to read it. One that
/// no meter reads is unmetered, and comes in. Not thread-safe. REQUIRES: `engine` outlives this.
class Admission {
 public:
  Admission(std::shared_ptr<const runtime::CardSet> cards, const Engine& engine,
            std::string tenant);

  /// The fault: the text is no event.
  std::expected<Candidate, metering::EventFault> read(std::string_view text);

  /// What went wrong while subscriptions were looked up: what was read is then not to be used.
  const std::optional<Unanswered>& failure() const { return failure_; }

 private:
  using Revisions = std::vector<std::shared_ptr<const runtime::Revision>>;

  struct Offer {
    std::shared_ptr<const runtime::Revision> revision;  ///< null: none is in force
    std::string reading;                                ///< empty: its meters do more than add up
  };

  /// A subscription, and the offer that bills it on each day that was asked for.
  struct Subscribed {
    Subscription subscription;
    std::string zone;
    std::map<Date, Offer> offers;
  };

  void judge(Candidate& candidate);
  std::vector<Subscribed>& subscribed(const std::string& customer);
  const Offer& offer(Subscribed& subscribed, const std::string& customer, Date day);
  static std::expected<bool, metering::Rejection> read_by(const Offer& offer, Candidate& candidate);
  const Revisions& readers(const std::string& type, Date day);

  const std::shared_ptr<const runtime::CardSet> cards_;
  const Engine& engine_;
  const std::string tenant_;
  metering::EventReader reader_;
  std::map<std::string, std::vector<Subscribed>> subscribed_;  // by customer
  std::map<std::pair<std::string, Date>, Revisions> readers_;  // by type and day
  std::optional<Unanswered> failure_;
};

}  // namespace toll::engine
