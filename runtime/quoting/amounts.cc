#include "runtime/quoting/amounts.h"

namespace toll::runtime {

std::string exact_major(Int128 numerator, Int128 denominator, Currency currency) {
  // Most amounts are whole minor units; one division then saves reducing a fraction.
  if (numerator % denominator == 0)
    return Decimal{numerator / denominator, currency.exponent}.normalized().to_string();
  return exact_major(Ratio::of(numerator, denominator), currency);
}

std::string exact_major(const Ratio& minor, Currency currency) {
  const auto major = checked_div(minor, Ratio(power_of_ten(currency.exponent)));
  if (major) return major->to_string();
  // The denominator times 10^exponent is beyond 128 bits: as minor units then, and said so.
  return minor.to_string() + "/" + to_string(power_of_ten(currency.exponent));
}

std::string grouped(const Ratio& value) {
  const std::string text = value.to_string();
  return text.find('/') == std::string::npos ? group_thousands(text) : text;
}

std::string grouped_major(const Ratio& minor, Currency currency) {
  const auto major = checked_div(minor, Ratio(power_of_ten(currency.exponent)));
  return major ? grouped(*major) : exact_major(minor, currency);
}

}  // namespace toll::runtime
