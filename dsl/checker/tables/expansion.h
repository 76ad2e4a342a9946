// Expansion: a card, or a cost table, with the rows of its table files worked in, each `rows from
// "sms.csv"` replaced by a row for each line of the file.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
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

/// The charge that a card changes, by its name, in the card that it extends; null where it is in
/// none.
using ChargesByName = std::function<const syntax::Charge*(const std::string&)>;

/// What is wrong with a table file is reported; its charge, or the change of one, is marked as
/// damaged where rows of it are missing. `trees` keeps the tree of the new text.
Expanded expand(const CardText& own, const ChargesByName& charges, std::deque<syntax::File>& trees,
                Texts& texts, Report& report, Budget& budget);

struct ExpandedCost {
  uint32_t file = 0;
  const syntax::Cost* cost = nullptr;  ///< the table itself where it names no table file
  bool failed = false;                 ///< something is wrong in one of the files
};

/// The same of a cost table, all whose lines are `block`.
ExpandedCost expand(const syntax::Cost& cost, Place block, std::deque<syntax::File>& trees,
                    Texts& texts, Report& report, Budget& budget);

}  // namespace toll::dsl::checker
