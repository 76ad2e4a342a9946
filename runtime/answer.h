// The answer to a usage document: an invoice with every amount as an exact decimal string. Plain
// values that point to nothing; any thread may read one that none writes.
//
// `amount` and `total` are whole minor units, at most 2^63 - 1 of them a line, in the currency's
// major unit with all of its places ("600.00"). Quantities and `exact` are the shortest decimal of
// at most 38 places, or n/d in lowest terms where there is none.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/date.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// One step of a line's derivation.
struct Step {
  std::string text;
  std::string source;                   ///< "api_platform.toll:19"; empty: it comes from the usage
  std::optional<std::string> quantity;  ///< after the step, in the meter's unit
  std::optional<std::string> amount;    ///< after the step, exact, in the currency's major unit
};

struct AnswerLine {
  std::string path;  ///< "base", "tokens/large/input", "bill/minimum"
  std::string label;
  std::optional<std::string>
      quantity;  ///< as used; a fee's is the part of the period it is due for, or 1
  std::optional<std::string> unit;          ///< a fee's: the period, its term, or "once"
  std::string amount;                       ///< rounded, e.g. "600.00"
  std::string exact;                        ///< unrounded, in the major unit
  std::vector<Step> steps;                  ///< of explain() only
  std::optional<std::string> pending = {};  ///< of `quantity`, what may still be taken back
  /// Of a line in credits their unit: it is in no total, and `amount` is exact.
  std::optional<std::string> currency = {};
};

/// What is left of a grant that goes on after the period, by the words of a usage document.
struct GrantLeft {
  std::string pool;
  std::string quantity;      ///< exact
  std::optional<Date> from;  ///< where it begins after the period
  std::optional<Date> expires;
  bool recurring = false;
};

/// What the document of the following period says as its state.
struct NextState {
  std::vector<UsageDocument::ToDate> used_to_date;
  std::vector<UsageDocument::ToDate> billed_to_date;
  std::vector<GrantLeft> grants;  ///< in the order in which they were created
};

/// Of a period in which versions or plans follow one another: the days of one.
struct AnswerPart {
  Period period;
  std::string version;
  std::string hash;
  std::optional<std::string> plan = {};
};

struct Answer {
  std::string card;
  std::string version;  ///< the card's `from`
  std::string hash;
  std::optional<std::string> plan;
  std::string currency;
  Period period;
  std::vector<AnswerLine> lines;
  std::string total;
  std::vector<AnswerLine> due_at_close;  ///< of an unfinished period: what its end would add
  std::vector<std::pair<std::string, std::string>> remaining;  ///< by pool, in text order
  std::vector<std::string> over_limit;  ///< meters (or `bill`) above a limit of the card
  std::vector<std::string> warnings =
      {};                     ///< what may be meant otherwise: a sentence each, without a full stop
  NextState next_state = {};  ///< of a period that is over
  std::vector<AnswerPart> parts =
      {};  ///< of a cut period; `version`, `hash` and `plan` are the last one's
};

}  // namespace toll::runtime
