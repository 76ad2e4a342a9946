#include "base/ratio_text.h"

#include <fmt/format.h>

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

namespace {

/// Digits up to the largest number that a Ratio holds.
std::expected<Int128, DecimalFault> parse_whole(std::string_view digits) {
  constexpr DecimalLimits kWhole{.places_max = 0, .whole_digits_max = 38};
  const auto number = parse_decimal(digits, kWhole);
  if (number) return number->mantissa;
  if (number.error() != DecimalFault::TooLarge) return std::unexpected(number.error());
  std::optional<Int128> whole = 0;
  for (const char digit : digits) {
    whole = checked_mul(*whole, 10);
    if (whole) whole = checked_add(*whole, digit - '0');
    if (!whole) return std::unexpected(DecimalFault::TooLarge);
  }
  return *whole;
}

/// With up to 38 places, which together with the digits before the point no Decimal holds.
std::expected<Ratio, DecimalFault> parse_long_decimal(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  const auto whole = parse_decimal(text.substr(0, point), {.places_max = 0});
  if (!whole) return std::unexpected(whole.error());
  const auto places = parse_decimal(fmt::format("0{}", text.substr(point)),
                                    {.places_max = kMaxPowerOfTen, .whole_digits_max = 0});
  if (!places) return std::unexpected(places.error());
  const auto sum = checked_add(Ratio(whole->mantissa), *Ratio::of(*places));
  if (!sum) return std::unexpected(DecimalFault::TooManyPlaces);
  return *sum;
}

}  // namespace

std::expected<Ratio, DecimalFault> parse_ratio(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == text.npos) {
    const auto number = parse_decimal(text);
    if (number) return *Ratio::of(*number);
    if (number.error() == DecimalFault::TooManyPlaces) return parse_long_decimal(text);
    return std::unexpected(number.error());
  }
  const std::string_view above = text.substr(0, slash), below = text.substr(slash + 1);
  if (above.contains('.') || below.contains('.') || above.empty() || below.empty())
    return std::unexpected(DecimalFault::NotANumber);
  const auto n = parse_whole(above), d = parse_whole(below);
  if (!n || !d) return std::unexpected(n ? d.error() : n.error());
  if (*d == 0) return std::unexpected(DecimalFault::NotANumber);
  const Ratio ratio = Ratio::of(*n, *d);
  if (ratio >= Ratio(power_of_ten(DecimalLimits{}.whole_digits_max)))
    return std::unexpected(DecimalFault::TooLarge);
  return ratio;
}

}  // namespace toll
