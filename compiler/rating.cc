#include "compiler/rating.h"

namespace toll::compiler {

size_t line_count(const RatingProgram& program, const RateInput& input) {
  size_t count = program.fees.size() + program.bill_steps.size();
  for (size_t i = 0; i < program.charges.size(); ++i)
    count += input.charges[i].count + program.charges[i].shared_steps.size();
  return count;
}

}  // namespace toll::compiler
