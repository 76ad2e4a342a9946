// The door: whether an event can be priced by the card that its customer has.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/candidates.h"
#include "engine/engine.h"
#include "metering/meter_usage.h"
#include "metering/read_events.h"
#include "metering/sum_reader.h"
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

  /// Reads an event into those that are handed in together. The fault: the text is none, and
  /// nothing is added. REQUIRES: `candidates` are of this tenant.
  std::expected<void, metering::EventFault> read(std::string_view text, Candidates& candidates);

  /// The event that was read last.
  const metering::UsageEvent& event() const { return event_; }

  /// What may be meant otherwise in the event that was read last, by the cards that can read it: a
  /// sentence each.
  const std::vector<std::string>& warnings() const { return warnings_; }

  /// What went wrong while subscriptions were looked up: what was read is then not to be used.
  const std::optional<Unanswered>& failure() const { return failure_; }

 private:
  using Revisions = std::vector<std::shared_ptr<const runtime::Revision>>;

  /// A revision whose meters add up, or not.
  struct Reader {
    std::shared_ptr<const runtime::Revision> revision;
    std::string reading;                           ///< empty: its meters do more than add up
    std::optional<metering::SumReader> sums = {};  ///< of such a reading
  };

  /// A subscription, and what bills it on each day that was asked for.
  struct Subscribed {
    Subscription subscription;
    std::string zone;
    std::map<Date, Reader*> readers = {};  ///< null: nothing is in force
    Instant from = {}, until = {};         ///< the day that was asked for last
    Date day = {};
  };

  struct Judgement {
    bool unmetered = false;
    std::optional<std::string> refusal = {};
  };

  Judgement judge(Candidates& candidates);
  Judgement judge_unsubscribed();
  static Date day_of(Subscribed& subscribed, Instant time);
  std::vector<Subscribed>& subscribed(const std::string& customer);
  Reader* reader(Subscribed& subscribed, const std::string& customer, Date day);
  std::expected<bool, metering::Rejection> read_by(Reader& reader, Candidates& candidates);
  void warn(const dsl::RateCard& card);
  const Revisions& readers(const std::string& type, Date day);

  const std::shared_ptr<const runtime::CardSet> cards_;
  const Engine& engine_;
  const std::string tenant_;
  metering::EventReader reader_;
  metering::UsageEvent event_;
  std::vector<std::string> warnings_;
  std::vector<Candidates::Given> given_;  // by the event, the first given_count_
  size_t given_count_ = 0;
  std::unordered_map<std::string, std::vector<Subscribed>> subscribed_;  // by customer
  std::unordered_map<const runtime::Revision*, std::unique_ptr<Reader>> readers_of_;
  std::map<std::pair<std::string, Date>, Revisions> readers_;  // by type and day
  std::optional<Unanswered> failure_;
};

}  // namespace toll::engine
