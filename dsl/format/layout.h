// A file laid out: statements in their places, blank lines between them, comments with them.
#pragma once

#include <string>
#include <string_view>

#include "dsl/format/unit_forms.h"

namespace toll::dsl::formatting {

/// The units that the text declares, beside those that are built in.
UnitForms units_of(std::string_view text);

/// The text in its canonical layout. Defined for every text; one that does not parse is laid out as
/// its words suggest.
std::string laid_out(std::string_view text, const UnitForms& units);

/// What a block of a text says, such as a card or a meter: a statement a line and its words apart
/// by one blank. The same for every text that is laid out the same, whatever its comments.
std::string said(std::string_view block, const UnitForms& units);

/// A comment as it is written again: without blanks at its end, and with blanks for tabs.
std::string tidied(std::string_view comment);

}  // namespace toll::dsl::formatting
