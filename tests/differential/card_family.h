// Cards in families: a card with plans, in two currencies, with a version that extends it, a deal
// that follows it and prices at cost plus, and beside it each card that comes of it, written out by
// itself. Both must mean the same.
//
// Pure: the same seed makes the same family.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/differential/constructs.h"

namespace toll::differential {

struct CardFamily {
  std::string text;       ///< a file with the card, and all that extend it
  Constructs constructs;  ///< those in the text
  /// One offer of one version, which is a card of its own.
  struct Member {
    std::string card, from, plan, currency;
    std::string flat;  ///< a file with that card alone
  };
  std::vector<Member> members;
};

CardFamily generate_family(uint64_t seed);

}  // namespace toll::differential
