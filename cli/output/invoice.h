// Answers for people.
#pragma once

#include <string>

#include "dsl/rate_card.h"
#include "runtime/answer.h"

namespace toll::cli {

/// The answer as an invoice: label, quantity, unit, amount; total; what the period's end would add.
/// REQUIRES: `answer` was given by `card`.
std::string invoice_text(const runtime::Answer& answer, const dsl::RateCard& card);

/// The lines of that invoice with its total, without head and foot.
std::string lines_text(const runtime::Answer& answer, const dsl::RateCard& card);

/// The answer with the derivation of every line and the card's lines that it comes from.
std::string explanation_text(const runtime::Answer& answer, const dsl::RateCard& card);

}  // namespace toll::cli
