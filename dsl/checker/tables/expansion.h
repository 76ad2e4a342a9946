// Expansion: a card with the rows of its table files worked in, each `rows from "sms.csv"` replaced
// by a row for each line of the file.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "dsl/checker/budget.h"
#include "dsl/checker/extends/merge.h"
#include "dsl/checker/report.h"
#include "dsl/checker/texts.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

struct Expanded {
  CardText text;                ///< the card itself where it names no table file
  std::vector<uint32_t> files;  ///< the table files it was made with, each once
  bool failed = false;          ///< something is wrong in one of them
};

/// What is wrong with a table file is reported; its charge is marked as damaged where rows of it
/// are missing. `trees` keeps the tree of the new text.
Expanded expand(const CardText& own, std::deque<syntax::File>& trees, Texts& texts, Report& report,
                Budget& budget);

}  // namespace toll::dsl::checker
