// Numbers as the user wrote them, within the limits of their kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ratio.h"
#include "dsl/checker/report.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// What a number of some kind may be: below 10^18, and so many digits after the point.
struct NumberLimits {
  std::string_view kind;  ///< "price"
  int places_max;
};
inline constexpr NumberLimits kPriceLimits{"price", 12};
inline constexpr NumberLimits kAmountLimits{"amount", 12};
inline constexpr NumberLimits kQuantityLimits{"quantity", 18};
inline constexpr NumberLimits kPercentLimits{"percentage", 6};

/// The number, exactly; empty, and reported, where it breaks the limits.
std::optional<Ratio> read_number(const Decimal& value, Place place, const NumberLimits& limits,
                                 Report& report);

inline std::optional<Ratio> read_number(const syntax::Number& number, uint32_t file,
                                        const NumberLimits& limits, Report& report) {
  return read_number(number.value, {file, number.span}, limits, report);
}

/// A quantity of credits, which may be written as a fraction; empty, and reported, like a number.
std::optional<Ratio> read_fraction(const syntax::Quantity& quantity, uint32_t file, Report& report);

}  // namespace toll::dsl::checker
