#include "base/ratio_text.h"

#include <algorithm>
#include <optional>

#include "base/internal/finite_places.h"
#include "base/internal/uint256.h"

namespace toll {
namespace {

using internal::UInt256;

/// Decimal digits, at least `digits_min` of them.
std::string digits_of(UInt256 value, size_t digits_min) {
  std::string digits;
  while (value.high != 0 || value.low != 0 || digits.size() < digits_min) {
    const internal::Division tenth = internal::divide(value, 10);
    digits += static_cast<char>('0' + static_cast<int>(tenth.remainder));
    value = tenth.quotient;
  }
  std::ranges::reverse(digits);
  return digits;
}

}  // namespace

std::string ratio_text(Int128 n, Int128 d, int shift) {
  if (n == 0) return "0";
  const Int128 common = gcd(n, d);
  n /= common;
  d /= common;
  const Int128 shift_common = gcd(n, power_of_ten(shift));
  n /= shift_common;
  const UInt256 denominator = internal::multiply(
      static_cast<UInt128>(d), static_cast<UInt128>(power_of_ten(shift) / shift_common));
  const std::string sign = n < 0 ? "-" : "";
  const auto places = denominator.high == 0
                          ? internal::finite_places(denominator.low, kMaxPowerOfTen)
                          : std::nullopt;
  if (!places)
    return sign + digits_of({0, internal::magnitude(n)}, 1) + "/" + digits_of(denominator, 1);
  const UInt128 cofactor = static_cast<UInt128>(power_of_ten(*places)) / denominator.low;
  const size_t decimals = static_cast<size_t>(*places);
  std::string text = digits_of(internal::multiply(internal::magnitude(n), cofactor), decimals + 1);
  if (decimals > 0) text.insert(text.size() - decimals, ".");
  return sign + text;
}

}  // namespace toll
