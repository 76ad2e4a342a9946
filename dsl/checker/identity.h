// The identity of a card: the hash of its text and of the declarations it reaches.
#pragma once

#include <optional>
#include <string>

#include "dsl/checker/card_context.h"
#include "dsl/checker/texts.h"

namespace toll::dsl::checker {

/// "sha256:" and the hash of the canonical tokens of the card, then of the units, dimensions and
/// meters it reaches, each kind by name, a line feed after every line. Layout, comments, files and
/// other declarations change nothing. Empty when the budget does not allow so many units.
std::optional<std::string> identity(const CardContext& context, const Texts& texts);

}  // namespace toll::dsl::checker
