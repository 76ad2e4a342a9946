#include "base/money.h"

#include <algorithm>

namespace toll {
namespace {

constexpr Currency kCurrencies[] = {
#include "base/internal/iso4217.inc"
};
static_assert(std::ranges::adjacent_find(kCurrencies, std::ranges::greater_equal{},
                                         &Currency::name) == std::end(kCurrencies),
              "find_currency needs the codes in rising order");

}  // namespace

std::optional<Currency> find_currency(std::string_view code) {
  const auto found = std::ranges::lower_bound(kCurrencies, code, {}, &Currency::name);
  if (found == std::end(kCurrencies) || found->name() != code) return std::nullopt;
  return *found;
}

std::string format_minor(Int128 minor, Currency currency) {
  return Decimal{minor, currency.exponent}.to_string();
}

std::string format_minor_grouped(Int128 minor, Currency currency) {
  return group_thousands(format_minor(minor, currency));
}

std::string group_thousands(std::string_view decimal) {
  std::string text(decimal);
  const size_t first_digit = decimal.starts_with('-') ? 1 : 0;
  const size_t point = std::min(decimal.find('.'), decimal.size());
  for (size_t at = point; at >= first_digit + 4;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::optional<int64_t> to_minor(const Decimal& amount, Currency currency) {
  const auto minor = mantissa_at(amount, currency.exponent);
  if (!minor || !fits_int64(*minor)) return std::nullopt;
  return static_cast<int64_t>(*minor);
}

std::optional<int64_t> to_minor(const Ratio& amount, Currency currency) {
  const auto minor = checked_mul(amount, Ratio(power_of_ten(currency.exponent)));
  if (!minor || minor->denominator() != 1 || !fits_int64(minor->numerator())) return std::nullopt;
  return static_cast<int64_t>(minor->numerator());
}

}  // namespace toll
