// Rate cards at random: texts of the language that parse and check, over all of its constructs.
//
// Choices are directed by types (a price is in a unit that converts to the meter's, a condition
// names a dimension the meter has, bounds rise), so that nearly every line means something. Each
// card has some constructs switched off, since the interesting cards are often those with few
// (Groce and others, Swarm Testing, ISSTA 2012). Pure: the same seed makes the same card.
#pragma once

#include <cstdint>
#include <string>

#include "tests/differential/constructs.h"

namespace toll::differential {

struct GeneratedCard {
  std::string text;       ///< a file with one card and all that it needs
  Constructs constructs;  ///< those in the text
};

/// A card that has none of the constructs in `without`; only those may be named that a card can do
/// without (it rounds in some way, prices something, and bills in some currency).
GeneratedCard generate_card(uint64_t seed, const Constructs& without = {});

}  // namespace toll::differential
