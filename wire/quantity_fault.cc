#include "wire/quantity_fault.h"

#include <fmt/format.h>

#include "base/int128.h"
#include "wire/text.h"

namespace toll::wire {
namespace {

std::string way_out(DecimalFault fault, std::string_view examples, int places_max) {
  switch (fault) {
    case DecimalFault::NotANumber:
      return fmt::format(": write it in digits, like {}", examples);
    case DecimalFault::Exponent:
      return ": write all of its digits";
    case DecimalFault::Negative:
      return ": a quantity is 0 or more";
    case DecimalFault::TooManyPlaces:
      return fmt::format(": a quantity has at most {}", places_max);
    case DecimalFault::TooLarge:
      return fmt::format(": a quantity is below 10^{}", DecimalLimits{}.whole_digits_max);
    case DecimalFault::Empty:
    case DecimalFault::LeadingZero:
      break;
  }
  return "";
}

std::string described(std::string_view digits, DecimalFault fault, std::string_view examples,
                      int places_max) {
  if (fault == DecimalFault::Empty) return "the quantity is empty";
  return fmt::format("`{}` {}{}", shown(digits), describe(fault),
                     way_out(fault, examples, places_max));
}

}  // namespace

std::string quantity_fault(std::string_view digits, DecimalFault fault) {
  return described(digits, fault, "1250 or 0.5", DecimalLimits{}.places_max);
}

std::string credits_fault(std::string_view digits, DecimalFault fault) {
  return described(digits, fault, "1250, 0.5 or 89939/900", kMaxPowerOfTen);
}

}  // namespace toll::wire
