// Reach: in a charge with rows for several values, an amount or allowance says whether it is one
// for all rows or one for each.
#pragma once

#include <string_view>

#include "dsl/checker/charge.h"

namespace toll::dsl::checker {

struct ReachQuestion {
  std::string_view what;  ///< "allowance", "minimum"
  Reach reach = Reach::Unsaid;
  Span line;                                 ///< all in front of where the reach belongs
  const syntax::Number* quantity = nullptr;  ///< what is shared or not
  bool only_shared = false;                  ///< each row cannot have one of its own
};

/// Reports a reach that is missing (E306) or has no meaning (E308).
void check_reach(const ReachQuestion& question, const ChargeDraft& draft, CardContext& context);

}  // namespace toll::dsl::checker
