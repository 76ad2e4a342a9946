#include "compiler/sample_usage.h"

#include <algorithm>
#include <iterator>

namespace toll::compiler {

UsageSampler::UsageSampler(const dsl::RateCard& card, uint64_t seed) : card_(card), random_(seed) {
  for (uint32_t meter = 0; meter < card.meters.size(); ++meter)
    points_.push_back(price_points(card, meter));
}

const std::vector<UsageSampler::Draw>& UsageSampler::draw() {
  draws_.clear();
  for (uint32_t meter = 0; meter < card_.meters.size(); ++meter) {
    const uint64_t count = random_() % 4;  // none, now and then
    for (uint64_t i = 0; i < count; ++i) {
      Draw draw{.meter = meter, .values = {}, .quantity = draw_quantity(meter)};
      for (uint32_t dimension : card_.meters[meter].dimensions)
        draw.values.push_back(
            static_cast<uint32_t>(random_() % card_.dimensions[dimension].values.size()));
      draws_.push_back(std::move(draw));
    }
  }
  return draws_;
}

Ratio UsageSampler::draw_available(uint32_t pool) {
  const bool money = !card_.pools[pool].credit;
  const uint64_t kind = random_() % 4;
  if (kind == 0) return {};
  const auto digits = static_cast<int>(1 + random_() % (kind == 1 ? 3 : 17));
  const Int128 mantissa = static_cast<Int128>(random_()) % power_of_ten(digits);
  if (money) return Ratio(mantissa);
  // What earlier bills left: by the denominators of such prices as come per hour, or others.
  constexpr Int128 kLeftIn[] = {1, 1, 1, 3, 7, 900, 3'600};
  const Int128 parts = kLeftIn[random_() % std::size(kLeftIn)];
  return Ratio::of(mantissa, power_of_ten(static_cast<int>(random_() % 7)) * parts);
}

Decimal UsageSampler::draw_quantity(uint32_t meter) {
  const Decimal point = points_[meter][random_() % points_[meter].size()].quantity;
  const auto moved = [&](Int128 by, int scale) {
    const std::optional<Decimal> sum = checked_add(point, Decimal{by, scale});
    return sum && sum->mantissa >= 0 ? *sum : point;
  };
  // Anything that leaves the language's range falls back to the point itself.
  const auto in_range = [&](const Decimal& quantity) {
    const DecimalLimits limits;
    const bool fits = quantity.scale <= limits.places_max &&
                      quantity < Decimal{power_of_ten(limits.whole_digits_max), 0};
    return fits ? quantity : point;
  };
  switch (random_() % 10) {
    case 0:
    case 1:
    case 2:
      return point;
    case 3:
      return in_range(moved(1, 0));
    case 4:
      return in_range(moved(-1, 0));
    case 5: {  // one draw a statement: the order must not be the C++ compiler's choice
      const Int128 by = random_() % 2 ? 1 : -1;
      return in_range(moved(by, static_cast<int>(1 + random_() % 12)));
    }
    case 6:
      return in_range(Decimal{Int128{1} << (random_() % 60), 0});
    case 7: {
      const Int128 mantissa = random_() % 1'000'000;
      return in_range(Decimal{mantissa, static_cast<int>(random_() % 7)});
    }
    case 8:
      return in_range(Decimal{static_cast<Int128>(random_() % 1'000'000'000), 0});
    default: {  // up to 36 digits: the far end of what the language allows
      Int128 digits = Int128{static_cast<int64_t>(random_() >> 1)} << 55;
      digits += static_cast<Int128>(random_() >> 9);
      const Int128 modulus = power_of_ten(static_cast<int>(1 + random_() % 36));
      return in_range(Decimal{digits % modulus, static_cast<int>(random_() % 19)});
    }
  }
}

}  // namespace toll::compiler
