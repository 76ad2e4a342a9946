// What a value that a dimension does not list may be meant for.
#pragma once

#include <string>
#include <string_view>

#include "dsl/rate_card.h"

namespace toll::dsl {

/// ", but `large` is" behind "`Large` is not a value of `model`": the value that is the same but
/// for case and blanks around it, else the nearest one; empty where none is near. Pure.
std::string but_is(const Dimension& dimension, std::string_view given);

/// Of a value that `other` takes since it is not listed, where one that is listed differs from it
/// by case and blanks around it alone: a sentence that says so, lower case, no full stop. Else
/// empty. Pure.
std::string warning_of_other(const Dimension& dimension, std::string_view given);

}  // namespace toll::dsl
