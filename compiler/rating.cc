#include "compiler/rating.h"

#include <algorithm>

namespace toll::compiler {

size_t line_count(const RatingProgram& program, const RateInput& input) {
  size_t count = program.fees.size() + program.credit_steps.size() + program.bill_steps.size() +
                 program.money_pools.size();
  for (size_t i = 0; i < program.charges.size(); ++i)
    count += input.charges[i].count + program.charges[i].shared_steps.size();
  return count;
}

bool same_result(const RatingProgram& program, const RateInput& input, const RateOutput& a,
                 const RateOutput& b) {
  if (a.fault != b.fault) return false;
  if (a.fault != FaultKind::None) return a.fault_line == b.fault_line;
  return a.total == b.total && std::equal(a.lines, a.lines + line_count(program, input), b.lines);
}

}  // namespace toll::compiler
