// What a card that extends another one becomes: the lines of the other, with those that it changes
// in their places, and its own at the end.
#pragma once

#include <optional>

#include "base/date.h"
#include "dsl/checker/extends/agreements.h"
#include "dsl/checker/extends/flattened.h"
#include "dsl/checker/report.h"
#include "dsl/checker/texts.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// A card as one text: as it was written, or flattened.
struct CardText {
  uint32_t file = 0;  ///< among the texts of the check
  const syntax::Card* tree = nullptr;
};

/// Whether two pieces of text say the same: the same words, numbers of the same value, and forms of
/// the same unit, since each file is formatted by the units that it knows.
bool same_words(std::string_view a, std::string_view b, const formatting::UnitForms& units);

/// `own` worked into `base`, in force on these days. What does not fit is reported.
/// Header lines of `own` replace those of the same kind. Not taken over from the base: its days,
/// whom it applies to and how it is switched to; its guarantees and examples, which speak of its
/// prices; and its customer, unless it is the version before.
/// REQUIRES: both could be read; `own` extends something.
Flattened merge(const CardText& own, const CardText& base, Date from, std::optional<Date> until,
                const Texts& texts, Agreements& agreements, Report& report);

}  // namespace toll::dsl::checker
