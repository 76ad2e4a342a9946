// What a card stands on, and its identity: the hash of its text and of what it stands on.
#pragma once

#include <optional>
#include <string>

#include "dsl/checker/card_context.h"
#include "dsl/checker/texts.h"

namespace toll::dsl::checker {

/// Sets `block`, `reached` and `hash` of the card. The hash is "sha256:" and the hash of the canonical tokens of the card, then of the units, dimensions and
/// meters it reaches, each kind by name, a line feed after every line. Layout, comments, files and
/// other declarations change nothing. False when the budget does not allow so many units.
bool identify(CardContext& context, const Texts& texts);

}  // namespace toll::dsl::checker
