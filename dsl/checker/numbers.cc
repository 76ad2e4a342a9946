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

}  // namespace toll::dsl::checker
