// The shapes of numbers, dates and hours: which are right, and what each wrong one was meant to be.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/decimal.h"
#include "dsl/scan/line.h"

namespace toll::dsl::scan {

/// Digits and nothing else, one at least.
bool are_digits(std::string_view text);

/// What a text that begins like a number is; NearNumber when its shape is none of them.
TokenKind number_kind(std::string_view text);

/// Digits that a number may have, M and B multiplied out.
inline constexpr size_t kDigitsMax = 38;

/// The value of a Number, or of a Percent without its sign; empty when it has too many digits.
/// REQUIRES: number_kind(text) is Number or Percent.
std::optional<Decimal> number_value(std::string_view text);

/// True for hours within a day, the first before the second: 08:00-20:00, 20:00-24:00.
/// REQUIRES: number_kind(text) is Hours.
bool are_hours(std::string_view text);

/// What is wrong with a NearNumber, and the way out.
struct NumberFault {
  std::string_view code;
  std::string message, label, help;
};
NumberFault explain_near_number(std::string_view text);

}  // namespace toll::dsl::scan
