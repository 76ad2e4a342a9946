// That of closed periods nothing is to be corrected, so that it need not be worked out again until
// something more becomes known of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/date.h"
#include "base/instant.h"
#include "engine/watch.h"

namespace toll::engine {

struct Settled {
  std::string subscription;
  Date until;             ///< all that is closed, up to here, comes to what was billed for it
  Instant at;             ///< when that was found
  Instant before;         ///< what happened before may change it
  uint64_t position = 0;  ///< of the last event of the log by which it was found

  friend bool operator==(const Settled&, const Settled&) = default;
};

/// What was found in the rows of one moment, and who was told of changes since.
struct FoundSettled {
  Settled settled;
  std::shared_ptr<const Watch> watch;  ///< held since before that moment
};

}  // namespace toll::engine
