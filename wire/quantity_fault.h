// What is wrong with a quantity, and how to write it.
#pragma once

#include <string>
#include <string_view>

#include "base/decimal.h"

namespace toll::wire {

/// `digits` are no quantity of usage, for this reason. They may come from outside: they are shown
/// as far as they may be.
std::string quantity_fault(std::string_view digits, DecimalFault fault);

/// The same of credits, which may be a fraction of whole numbers.
std::string credits_fault(std::string_view digits, DecimalFault fault);

}  // namespace toll::wire
