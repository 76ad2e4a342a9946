// Outcomes: events that count when something came before, and was not taken back after.
//
//   conversation.started ──── resolved ─────────── reopened
//                    └ within ┘    └ unless … within ┘
//
// What belongs together has one value of the field of `once per`, and counts once. Without it all
// events of the customer belong together, and what is taken back is the latest outcome.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "dsl/event_binding.h"
#include "metering/event.h"

namespace toll::metering {

class Outcomes {
 public:
  Outcomes(const dsl::Outcome& rules, std::string_view zone) : rules_(rules), zone_(zone) {}

  /// Whether the rules name events of this type.
  static bool names(const dsl::Outcome& rules, std::string_view type);

  /// The field that tells what belongs together is missing from an event that needs it.
  static bool lacks_key(const dsl::Outcome& rules, const UsageEvent& event);

  /// REQUIRES: events come by time; the rules name the type; the key is there.
  void add(const UsageEvent& event, std::vector<uint32_t> values);

  struct Standing {
    Instant at;
    std::vector<uint32_t> values;
    std::optional<Instant> open_until;  ///< the last moment at which it may be taken back
  };
  /// Those that nothing took back.
  std::vector<Standing> standing() const;

 private:
  struct Thread {
    std::optional<Instant> began;  ///< the latest event of `after`
    std::vector<Standing> outcomes;
  };
  const dsl::Outcome& rules_;
  std::string_view zone_;
  std::map<std::string, Thread> threads_;  // by the value of the `once per` field
};

}  // namespace toll::metering
