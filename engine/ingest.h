// What is asked of the engine about events, and what it says of each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metering/event.h"
#include "metering/sums.h"

namespace toll::engine {

/// What an event gives by one card's reading (metering/sums.h).
struct Counted {
  std::string reading;
  std::vector<metering::CellSum> cells;
};

/// An event at the door: read, and held against the card that prices it (engine/admission.h).
struct Candidate {
  metering::UsageEvent event;
  std::string text;  ///< as it was sent; 1 to metering::kEventBytesMax bytes
  bool unmetered = false;
  /// Why it may not come in, unless it is in already: one sentence, lower case, no full stop.
  std::optional<std::string> refusal = {};
  std::vector<Counted> counted = {};  ///< by each of the customer's cards that only add up
};

enum class Verdict : uint8_t {
  Accepted,
  Duplicate,  ///< it had been accepted before, as it is
  Conflict,   ///< another event has its source and id; this one is kept for inspection, uncounted
  Rejected,
};

/// "accepted", "duplicate", "conflict", "rejected".
std::string_view to_string(Verdict verdict);

struct Judged {
  Verdict verdict = Verdict::Accepted;
  bool unmetered = false;   ///< Accepted: no meter reads it
  std::string reason = {};  ///< Conflict, Rejected: one sentence, lower case, no full stop

  friend bool operator==(const Judged&, const Judged&) = default;
};

enum class Retraction : uint8_t {
  Retracted,
  AlreadyRetracted,
  NoSuchEvent,
};

}  // namespace toll::engine
