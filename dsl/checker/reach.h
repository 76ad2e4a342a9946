// Reach: in a charge with rows for several values, an amount or allowance says whether it is one
// for all rows or one for each.
#pragma once

#include <string_view>

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

struct ReachQuestion {
  std::string_view what;  ///< "allowance", "minimum"
  Reach reach = Reach::Unsaid;
  Span line;                                 ///< from the keyword to the quantity
  const syntax::Number* quantity = nullptr;  ///< what is shared or not
};

/// Reports a reach that is missing (E306) or has no meaning (E308).
void check_reach(const ReachQuestion& question, const ChargeDraft& draft, CardContext& context);

}  // namespace toll::dsl::checker
