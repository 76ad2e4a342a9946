// Whether two trees say the same, wherever it stands in the text.
#pragma once

#include "dsl/format/unit_forms.h"
#include "dsl/syntax.h"

namespace toll::dsl::formatting {

/// Equal but for spans, the order of a card's header lines of different kinds, and the forms of
/// units. What begins a node, and what stands in a list, is a name and no unit: there a word has to
/// be the same letter for letter.
bool same_tree(const syntax::File& a, const syntax::File& b, const UnitForms& units);

}  // namespace toll::dsl::formatting
