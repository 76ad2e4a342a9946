// Cards that were asked for and are missing because of a mistake in another file of their folder.
#pragma once

#include "cli/cards/card_files.h"
#include "runtime/loader.h"

namespace toll::cli {

/// Says which of the wanted files have a card or an invoice that could not be made although they
/// are without errors themselves, and which files have the errors. Whether there are any.
/// REQUIRES: `checked` is the check of `folder.files`.
bool complain_of_held_back(const CardFiles& folder, const runtime::CheckedFolder& checked);

}  // namespace toll::cli
