#include "dsl/checker/numbers.h"

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

const Ratio& too_large() {
  static const Ratio kTenToThe18(power_of_ten(18));
  return kTenToThe18;
}

/// W132: `100.000` is a hundred here, and a hundred thousand where a point separates thousands.
void warn_of_thousands(const Decimal& value, Place place, Report& report) {
  if (value.scale != 3 || value.mantissa % 1000 != 0) return;
  const Int128 whole = value.mantissa / 1000;
  if (whole < 1 || whole > 999) return;
  const std::string number = std::to_string(static_cast<int64_t>(whole));
  report.add("W132", fmt::format("`{0}.000` is {0}, not {0},000", number), place)
      .help(fmt::format("write `{0},000` for {0} thousand, or `{0}`", number));
}

}  // namespace

std::optional<Ratio> read_number(const Decimal& value, Place place, const NumberLimits& limits,
                                 Report& report) {
  const int places = value.normalized().scale;
  if (places > limits.places_max) {
    report
        .add("E129", fmt::format("this {} has {} decimal places", limits.kind, places), place,
             fmt::format("{} has at most {}", with_article(limits.kind), limits.places_max))
        .help(limits.kind == kPriceLimits.kind
                  ? "price more units at once, as in `at 4.00 USD per 1,000 calls`"
                  : "write fewer decimal places");
    return std::nullopt;
  }
  if (limits.kind == kQuantityLimits.kind) warn_of_thousands(value, place, report);
  auto ratio = Ratio::of(value);
  if (!ratio || *ratio >= too_large()) {
    report.add("E129", fmt::format("this {} is too large", limits.kind), place,
               fmt::format("{} is below {}", with_article(limits.kind), shown(too_large())));
    return std::nullopt;
  }
  return ratio;
}

std::optional<Ratio> read_fraction(const syntax::Quantity& quantity, uint32_t file,
                                   Report& report) {
  // As long as what is left can be; it may be beyond what a quantity of usage has.
  constexpr NumberLimits kCredits{kQuantityLimits.kind, kMaxPowerOfTen};
  if (!quantity.over) return read_number(quantity.number, file, kCredits, report);
  const Decimal above = quantity.number.value.normalized();
  const Decimal below = quantity.over->value.normalized();
  const Place place{file, {quantity.number.span.begin, quantity.over->span.end}};
  if (above.scale != 0 || below.scale != 0 || below.mantissa == 0) {
    report
        .add("E017", "this fraction is not a number in Toll", place,
             "a fraction is of whole numbers, the second one above 0")
        .help("write it like `89,939/900`, as answers do");
    return std::nullopt;
  }
  const Ratio ratio = Ratio::of(above.mantissa, below.mantissa);
  if (ratio < too_large()) return ratio;
  report.add("E129", "this quantity is too large", place,
             fmt::format("a quantity is below {}", shown(too_large())));
  return std::nullopt;
}

}  // namespace toll::dsl::checker
