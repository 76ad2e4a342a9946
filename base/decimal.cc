#include "base/decimal.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/internal/uint256.h"

namespace toll {
namespace {

/// Takes the digits at the front of `text`.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = text.substr(0, end - text.begin());
  text.remove_prefix(digits.size());
  return digits;
}

/// Takes `e` or `E`, a sign if there is one, and digits. False, and `text` in no particular state,
/// when that is not what stands there.
bool take_exponent(std::string_view& text) {
  if (!text.starts_with('e') && !text.starts_with('E')) return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !take_digits(text).empty();
}

/// The parts of a text that has the shape of a number.
struct Numeral {
  bool negative = false;
  bool exponent = false;
  std::string_view whole;  ///< at least one digit
  std::string_view places;
};

std::optional<Numeral> split(std::string_view text) {
  Numeral numeral;
  numeral.negative = text.starts_with('-');
  if (numeral.negative) text.remove_prefix(1);
  numeral.whole = take_digits(text);
  if (numeral.whole.empty()) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    numeral.places = take_digits(text);
    if (numeral.places.empty()) return std::nullopt;
  }
  if (text.empty()) return numeral;
  numeral.exponent = take_exponent(text) && text.empty();
  return numeral.exponent ? std::optional(numeral) : std::nullopt;
}

Int128 append_digits(Int128 value, std::string_view digits) {
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

Decimal Decimal::normalized() const {
  const auto without_zeros = [](auto mantissa, int scale) {
    for (; scale > 0 && mantissa % 10 == 0; --scale) mantissa /= 10;
    return Decimal{mantissa, scale};
  };
  // Division by 10 is far quicker where 64 bits are enough.
  return fits_int64(mantissa) ? without_zeros(static_cast<int64_t>(mantissa), scale)
                              : without_zeros(mantissa, scale);
}

std::string Decimal::to_string() const {
  std::string text = toll::to_string(mantissa);
  if (scale == 0) return text;
  const size_t first_digit = mantissa < 0 ? 1 : 0;
  const size_t digits_min = static_cast<size_t>(scale) + 1;  // one before the point
  if (const size_t digits = text.size() - first_digit; digits < digits_min) {
    text.insert(first_digit, digits_min - digits, '0');
  }
  text.insert(text.size() - static_cast<size_t>(scale), 1, '.');
  return text;
}

bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  return internal::compare_products(a.mantissa, power_of_ten(b.scale), b.mantissa,
                                    power_of_ten(a.scale));
}

std::string_view describe(DecimalFault fault) {
  switch (fault) {
    case DecimalFault::Empty:
      return "is empty";
    case DecimalFault::NotANumber:
      return "is not a number";
    case DecimalFault::Exponent:
      return "is written with an exponent";
    case DecimalFault::Negative:
      return "is negative";
    case DecimalFault::LeadingZero:
      return "has leading zeros";
    case DecimalFault::TooManyPlaces:
      return "has too many decimal places";
    case DecimalFault::TooLarge:
      return "is too large";
  }
  std::unreachable();
}

std::expected<Decimal, DecimalFault> parse_decimal(std::string_view text, DecimalLimits limits) {
  if (text.empty()) return std::unexpected(DecimalFault::Empty);
  const auto numeral = split(text);
  if (!numeral) return std::unexpected(DecimalFault::NotANumber);
  if (numeral->exponent) return std::unexpected(DecimalFault::Exponent);
  if (numeral->negative) return std::unexpected(DecimalFault::Negative);

  std::string_view whole = numeral->whole;
  if (whole.size() > 1 && whole[0] == '0') return std::unexpected(DecimalFault::LeadingZero);
  if (whole == "0") whole = {};  // 0.5 fits where no digit may stand before the point

  const size_t places_max = static_cast<size_t>(limits.places_max);
  const std::string_view places = numeral->places.substr(0, places_max);
  const std::string_view excess = numeral->places.substr(places.size());
  if (excess.find_first_not_of('0') != excess.npos) {
    return std::unexpected(DecimalFault::TooManyPlaces);
  }
  if (whole.size() > static_cast<size_t>(limits.whole_digits_max)) {
    return std::unexpected(DecimalFault::TooLarge);
  }
  return Decimal{append_digits(append_digits(0, whole), places), static_cast<int>(places.size())};
}

std::optional<Decimal> checked_add(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale, b.scale);
  const auto left = mantissa_at(a, scale);
  const auto right = mantissa_at(b, scale);
  if (!left || !right) return std::nullopt;
  const auto sum = checked_add(*left, *right);
  if (!sum) return std::nullopt;
  return Decimal{*sum, scale};
}

std::optional<Int128> mantissa_at(const Decimal& value, int scale) {
  if (scale >= value.scale) return checked_mul(value.mantissa, power_of_ten(scale - value.scale));
  const Int128 divisor = power_of_ten(value.scale - scale);
  if (value.mantissa % divisor != 0) return std::nullopt;
  return value.mantissa / divisor;
}

}  // namespace toll
