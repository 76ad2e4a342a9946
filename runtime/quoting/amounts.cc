#include "runtime/quoting/amounts.h"

#include "base/ratio_text.h"

namespace toll::runtime {

std::string exact_major(Int128 numerator, Int128 denominator, Currency currency) {
  // Most amounts are whole minor units; one division then saves reducing a fraction. Most are
  // small, too, and then it is a quick one.
  if (fits_int64(numerator) && fits_int64(denominator)) {
    const auto n = static_cast<int64_t>(numerator), d = static_cast<int64_t>(denominator);
    if (n % d == 0) return Decimal{n / d, currency.exponent}.normalized().to_string();
  } else if (numerator % denominator == 0) {
    return Decimal{numerator / denominator, currency.exponent}.normalized().to_string();
  }
  return ratio_text(numerator, denominator, currency.exponent);
}

std::string exact_major(const Ratio& minor, Currency currency) {
  return ratio_text(minor.numerator(), minor.denominator(), currency.exponent);
}

namespace {
std::string with_thousands(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return group_thousands(text);
  return group_thousands(text.substr(0, slash)) + '/' + group_thousands(text.substr(slash + 1));
}
}  // namespace

std::string grouped(const Ratio& value) { return with_thousands(value.to_string()); }

std::string grouped_major(const Ratio& minor, Currency currency) {
  return with_thousands(exact_major(minor, currency));
}

}  // namespace toll::runtime
