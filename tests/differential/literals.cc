// Numbers and units as a card writes them.
#include <algorithm>
#include <array>
#include <utility>

#include "tests/differential/draft.h"

namespace toll::differential {
namespace {

Integer ten_to(int exponent) { return boost::multiprecision::pow(Integer(10), exponent); }

Integer random_below(Random& random, const Integer& bound) {
  Integer value = 0;
  for (Integer reach = 1; reach < bound; reach <<= 62)
    value = (value << 62) + random.below(uint64_t{1} << 62);
  return value % bound;
}

/// "1234567" -> "1,234,567".
std::string with_commas(std::string digits) {
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

/// A finite decimal in digits, with at least `places` of them after the point.
std::string digits_text(const Fraction& value, int places, bool grouped) {
  while (denominator(Fraction(value * ten_to(places))) != 1) ++places;
  std::string digits = numerator(Fraction(value * ten_to(places))).str();
  if (digits.size() <= static_cast<size_t>(places))
    digits.insert(0, static_cast<size_t>(places) + 1 - digits.size(), '0');
  std::string whole = digits.substr(0, digits.size() - places);
  const std::string rest = digits.substr(digits.size() - places);
  if (grouped) whole = with_commas(whole);
  return whole + (rest.empty() ? "" : "." + rest);
}

/// One of the ways to write a number: with a suffix too.
std::string number_text(Random& random, Fraction value, int places = 0) {
  std::string suffix;
  if (value >= ten_to(6) && random.chance(40)) {
    suffix = value >= ten_to(9) && random.chance(50) ? "B" : "M";
    value /= Fraction(ten_to(suffix == "B" ? 9 : 6));
  }
  return digits_text(value, places, suffix.empty() && random.chance(60)) + suffix;
}

Fraction random_decimal(Random& random, const Integer& bound, int places) {
  return Fraction(1 + random_below(random, bound), ten_to(places));
}

/// A quantity above 0, mostly small, often round.
Fraction quantity_number(CardDraft& card) {
  Random& random = card.random;
  if (card.takes(Construct::ManyDecimals, 4))
    return random_decimal(random, ten_to(12), static_cast<int>(random.between(6, 14)));
  if (card.takes(Construct::HugeNumber, 4))
    return random_decimal(random, ten_to(static_cast<int>(random.between(10, 17))), 0);
  switch (random.below(5)) {
    case 0:
      return random.between(1, 3) * ten_to(static_cast<int>(random.between(1, 6)));
    case 1:
      return Fraction(Integer(1) << random.below(24));
    case 2:
      return random_decimal(random, 400, static_cast<int>(random.between(1, 2)));
    default:
      return random.between(1, 24);
  }
}

constexpr std::array<std::string_view, 11> kSizes = {"byte", "KB", "KiB", "MB", "MiB", "GB",
                                                     "GiB",  "TB", "TiB", "PB", "PiB"};

Fraction size_in_bytes(size_t index) {
  const auto power = static_cast<unsigned>((index + 1) / 2);
  return index % 2 == 1 ? boost::multiprecision::pow(Integer(1000), power)
                        : boost::multiprecision::pow(Integer(1024), power);
}

/// Three sizes that stand next to each other.
UnitFamily sizes(Random& random) {
  UnitFamily family;
  const size_t first = random.below(kSizes.size() - 2);
  for (size_t i = first; i < first + 3; ++i) {
    const std::string name(kSizes[i]);
    family.units.push_back({name, i == 0 ? "bytes" : name, size_in_bytes(i)});
  }
  return family;
}

UnitFamily times(CardDraft& card) {
  UnitFamily family{
      .units = {{"second", "seconds", 1}, {"minute", "minutes", 60}, {"hour", "hours", 3600}},
      .declarations = {}};
  if (card.takes(Construct::DeclaredSize, 50)) {
    family.units.push_back({"shift", "shifts", 27'000});
    family.declarations.push_back("unit shift, shifts = 7.5 hours");
  }
  return family;
}

/// `GiB` and `hour` make `GiB-hour`: every unit of one family with every unit of the other.
UnitFamily product(const UnitFamily& first, const UnitFamily& second) {
  UnitFamily family{.units = {}, .declarations = second.declarations};
  for (const auto& left : first.units) {
    for (const auto& right : second.units)
      family.units.push_back({left.singular + "-" + right.singular,
                              left.singular + "-" + right.plural, left.size * right.size});
  }
  return family;
}

UnitFamily things(CardDraft& card) {
  const bool sized = card.takes(Construct::DeclaredSize, 60);
  if (card.random.chance(40)) {
    UnitFamily tokens{.units = {{"token", "tokens", 1}}, .declarations = {"unit token, tokens"}};
    if (!sized) return tokens;
    tokens.units.push_back({"kilotoken", "kilotokens", 1000});
    tokens.units.push_back({"page", "pages", Fraction(1501, 2)});
    tokens.declarations.push_back("unit kilotoken, kilotokens = 1,000 tokens");
    tokens.declarations.push_back("unit page, pages = 750.5 tokens");
    return tokens;
  }
  UnitFamily calls{.units = {{"call", "calls", 1}}, .declarations = {"unit call, calls"}};
  if (!sized) return calls;
  calls.units.push_back({"batch", "batches", 24});
  calls.declarations.push_back("unit batch, batches = 24 calls");
  return calls;
}

/// Mostly the meter's own unit.
const UnitDraft& draw_unit(CardDraft& card, const MeterDraft& meter) {
  if (meter.family.units.size() == 1 || !card.takes(Construct::UnitConversion, 30))
    return meter.family.units[meter.unit];
  return card.random.pick(meter.family.units);
}

}  // namespace

UnitFamily draw_money_family(CardDraft& card) {
  UnitFamily family{.units = {{card.currency, card.currency, 1}}, .declarations = {}};
  if (!card.takes(Construct::DeclaredSize, 50)) return family;
  family.units.push_back({"grand", "grands", 1000});
  family.declarations.push_back("unit grand, grands = 1,000 " + card.currency);
  return family;
}

UnitFamily draw_family(CardDraft& card) {
  const auto kind = card.random.below(4);
  if (kind == 0 && card.takes(Construct::CompoundUnit, 100)) {
    const UnitFamily months{.units = {{"month", "months", 1}}, .declarations = {}};
    const UnitFamily gpus{.units = {{"GPU", "GPUs", 1}}, .declarations = {}};
    switch (card.random.below(3)) {
      case 0:
        return product(sizes(card.random), months);
      case 1:
        return product(sizes(card.random), times(card));
      default:
        return product(gpus, times(card));
    }
  }
  if (kind == 1) return sizes(card.random);
  if (kind == 2) return times(card);
  return things(card);
}

Literal draw_quantity(CardDraft& card, const MeterDraft& meter) {
  const UnitDraft& unit = draw_unit(card, meter);
  const Fraction number = quantity_number(card);
  return {number_text(card.random, number) + " " + (number == 1 ? unit.singular : unit.plural),
          number * unit.size / meter.family.units[meter.unit].size};
}

Literal draw_price(CardDraft& card) {
  Random& random = card.random;
  Fraction price = random.between(0, 999);
  price /= Fraction(ten_to(static_cast<int>(random.between(0, 3))));
  if (card.takes(Construct::ManyDecimals, 10)) {
    const int places = static_cast<int>(random.between(6, 12));
    price = random_decimal(random, ten_to(static_cast<int>(random.between(3, places + 1))), places);
  } else if (card.takes(Construct::HugeNumber, 4)) {
    price = random_decimal(random, ten_to(static_cast<int>(random.between(8, 14))), 2);
  }
  return {number_text(random, price, random.chance(30) ? 4 : 0), price};
}

Literal amount_literal(CardDraft& card, int64_t minor) {
  const Fraction amount(minor, ten_to(card.minor_places));
  const int places = card.random.chance(80) ? card.minor_places : 0;
  return {number_text(card.random, amount, places) + " " + card.currency, Fraction(minor)};
}

Literal draw_line_amount(CardDraft& card) {
  return amount_literal(card, card.random.between(1, 99'999));
}

Literal draw_amount(CardDraft& card) {
  Random& random = card.random;
  if (card.takes(Construct::HugeNumber, 4))
    return amount_literal(card, random.between(int64_t{1} << 40, int64_t{1} << 59));
  const int64_t minor = random.between(1, 99);
  return amount_literal(card, minor * (random.chance(70) ? 100 : 1));
}

std::string draw_percent(CardDraft& card, int max) {
  Random& random = card.random;
  Fraction percent = random.between(1, max);
  if (random.chance(30)) percent /= 4;
  if (card.takes(Construct::ManyDecimals, 10)) percent = random_decimal(random, max * ten_to(6), 6);
  if (max > 100 && card.takes(Construct::HugeNumber, 10))
    percent = random_decimal(random, ten_to(static_cast<int>(random.between(6, 17))), 0);
  return digits_text(percent, 0, random.chance(60)) + "%";
}

std::string draw_per(CardDraft& card, const MeterDraft& meter, bool started) {
  const UnitDraft& unit = draw_unit(card, meter);
  const std::string per = started ? " per started " : " per ";
  if (card.random.chance(started ? 20 : 60)) return per + unit.singular;
  if (!started && !card.takes(Construct::PerCount, 100)) return per + unit.singular;
  constexpr std::array<int, 10> kCounts = {2, 3, 5, 7, 10, 12, 60, 100, 1'000, 1'000'000};
  Fraction count = card.random.pick(kCounts);
  if (card.random.chance(10)) count /= 4;
  return per + number_text(card.random, count) + " " + (count == 1 ? unit.singular : unit.plural);
}

}  // namespace toll::differential
