// The words of a statement as they are written: commas in numbers, forms of units, and what stands
// close to what.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dsl/format/unit_forms.h"
#include "dsl/scan/line.h"

namespace toll::dsl::formatting {

struct Word {
  std::string text;
  bool close = false;  ///< no blank before it
};

/// One word for each token.
std::vector<Word> worded(std::span<const scan::Token> tokens, const UnitForms& units);

/// The words with the blanks between them.
std::string joined(std::span<const Word> words);

}  // namespace toll::dsl::formatting
