// From rated lines to an Answer.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "runtime/answer.h"
#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// The path of a line: "base", "tokens/large/input", "tokens/minimum", "compute/beyond",
/// "bill/discount".
std::string path_of(const Revision& revision, const compiler::LineOrigin& origin);

/// "api.toll:19".
std::string place_of(const dsl::SourceLine& source);

/// The rounded lines of a fee or charge added up, in minor units. `origins` is one per line.
Int128 sum_of_lines(std::span<const compiler::LineOrigin> origins,
                    const compiler::RateOutput& output, const dsl::ItemRef& item);

/// A fault of rating as a refusal that names line and reason.
Refusal refusal_of(const Revision& revision, const compiler::RateInput& input,
                   const compiler::RateOutput& output);
inline Refusal refusal_of(const BoundUsage& bound, const compiler::RateOutput& output) {
  return refusal_of(*bound.revision, *bound.input, output);
}

Refusal line_too_large(std::string_view path);

/// Of a pool that blocks what is beyond it.
std::string why_pool_is_empty(const dsl::Pool& pool);

/// The unit of a line that is in credits; null for money.
const dsl::CreditUnit* credit_of(const Revision& revision, const compiler::LineOrigin& origin);

/// What the quantity of a fee's line is in: the period, a longer time, or "once".
std::string unit_of(const dsl::RateCard& card, const dsl::Fee& fee);

/// Whether an answer shows the line: fees where they are due, shared and bill steps and pools only
/// where they change something.
bool is_shown(const BoundUsage& bound, const compiler::LineOrigin& origin,
              const compiler::LineAmount& amount);

/// A line as an example states it.
struct BilledLine {
  std::string path;
  std::string unit;   ///< plural, of credits; empty: money
  Ratio amount;       ///< credits, or minor units
  bool shown = true;  ///< it is on an answer
  friend bool operator==(const BilledLine&, const BilledLine&) = default;
};
BilledLine billed_line(const BoundUsage& bound, const compiler::LineOrigin& origin,
                       const compiler::LineAmount& amount);

/// One AnswerLine per shown line. REQUIRES: `output` has no fault. Steps are left empty.
Answer write_answer(const BoundUsage& bound, const compiler::RateOutput& output);

/// What is left in the pools, and the grants that go on after the period. `left` stands beside
/// bound.grants.
void write_grants(const BoundUsage& bound, const std::vector<Ratio>& left, Answer& answer);

/// What waits for another one of the plans: of grants those that go on after the period.
void write_waiting(const NextState& state, const std::vector<WaitingGrant>& grants,
                   const CardSet::Revisions& plans, const Period& covered, Answer& answer);

/// What is left in a pool at the end of the period: credits, or minor units.
Ratio left_in_pool(const BoundUsage& bound, const std::vector<Ratio>& left, uint32_t pool);

/// What the end of the period would add: the difference, line by line, of `closed` to `open`. A
/// difference that does not fit 128 bits is a refusal.
std::expected<std::vector<AnswerLine>, Refusal> write_due_at_close(
    const BoundUsage& bound, const compiler::RateOutput& open, const compiler::RateOutput& closed);

}  // namespace toll::runtime
