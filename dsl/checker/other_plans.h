// Which plans of a card have what an offer of it has not: where a name is right, and the plan
// wrong.
#pragma once

#include <string>
#include <string_view>

#include "dsl/checker/card_context.h"

namespace toll::dsl::checker {

/// "`pro`", "`pro` and `team`": the plans with a fee, charge, pool or commitment of that name;
/// empty where none has one.
std::string plans_with_line(const CardContext& context, std::string_view name);

/// "plan `pro` has it: say `on plan pro`", for a line of an example that this plan of the card does
/// not have; empty where no other has it.
std::string hint_at_plan_with_line(const CardContext& context, const syntax::Example& example,
                                   std::string_view name);
/// The same for a meter that charges, limits or alerts of another plan name.
std::string hint_at_plan_with_meter(const CardContext& context, const syntax::Example& example,
                                    std::string_view meter);

}  // namespace toll::dsl::checker
