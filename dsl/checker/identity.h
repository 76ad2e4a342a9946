// What a card stands on, and its identity: the hash of its text and of what it stands on.
#pragma once

#include "dsl/checker/texts.h"
#include "dsl/checker/version_context.h"

namespace toll::dsl::checker {

/// Sets `block`, `reached` and `hash` of the version's offers, which have them in common. The hash
/// is "sha256:" and the hash of what the card says, of those it extends, of the units, dimensions
/// and meters that any offer reaches, each kind by name, a line feed after every line, in the words
/// of the canonical form. Formatting, comments, files and other declarations change nothing. False when the budget does
/// not allow so many units.
bool identify(VersionContext& version, const Texts& texts);

}  // namespace toll::dsl::checker
