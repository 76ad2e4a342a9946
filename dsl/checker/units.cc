#include "dsl/checker/units.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/money.h"

namespace toll::dsl::checker {
namespace {

// Base things. Declared units get numbers of their own above these, currencies above kCurrencies.
enum Base : uint32_t { kByte, kSecond, kDay, kMonth, kGpu, kPercent, kFirstDeclared };
constexpr uint32_t kCurrencies = 1u << 31;

bool is_calendar(uint32_t base) { return base == kDay || base == kMonth; }
bool is_time(uint32_t base) { return base == kSecond || is_calendar(base); }

uint32_t currency_base(std::string_view code) {
  uint32_t number = 0;
  for (char letter : code) number = number * 32 + static_cast<uint32_t>(letter - 'A');
  return kCurrencies + number;
}

void multiply_in(std::vector<Power>& powers, const std::vector<Power>& others) {
  for (const Power& other : others) {
    auto at = std::ranges::lower_bound(powers, other.base, {}, &Power::base);
    if (at != powers.end() && at->base == other.base) {
      at->exponent += other.exponent;
    } else {
      powers.insert(at, other);
    }
  }
}

/// A unit named by one word without hyphen.
Unit single(std::string_view singular, std::string_view plural, const Ratio& factor,
            std::vector<Power> powers) {
  UnitPart part{.singular = std::string(singular), .plural = std::string(plural)};
  if (powers.size() == 1 && powers.front().exponent == 1) {
    const uint32_t base = powers.front().base;
    part.size = base == kByte;
    part.time = is_time(base);
    part.calendar = is_calendar(base);
  }
  Unit unit;
  unit.singular = part.singular;
  unit.plural = part.plural;
  unit.factor = factor;
  unit.powers = std::move(powers);
  unit.parts.push_back(std::move(part));
  return unit;
}

/// The bases without times, and the sum of the exponents of times.
std::pair<std::vector<Power>, int> without_time(const Unit& unit) {
  std::pair<std::vector<Power>, int> result;
  for (const Power& power : unit.powers) {
    if (is_time(power.base)) {
      result.second += power.exponent;
    } else {
      result.first.push_back(power);
    }
  }
  return result;
}

}  // namespace

UnitSystem::UnitSystem() {
  add_built_in("byte", "bytes", 1, kByte);
  constexpr std::string_view kPrefixes = "KMGTP";
  Int128 decimal = 1, binary = 1;
  for (char prefix : kPrefixes) {
    decimal *= 1000;
    binary *= 1024;
    const auto decimal_name = fmt::format("{}B", prefix);
    const auto binary_name = fmt::format("{}iB", prefix);
    add_built_in(decimal_name, decimal_name, decimal, kByte);
    units_.back().unit.decimal_size = true;
    add_built_in(binary_name, binary_name, binary, kByte);
    units_.back().unit.binary_size = true;
  }
  add_built_in("second", "seconds", 1, kSecond);
  add_built_in("minute", "minutes", 60, kSecond);
  add_built_in("hour", "hours", 3600, kSecond);
  add_built_in("day", "days", 1, kDay);
  add_built_in("week", "weeks", 7, kDay);
  add_built_in("month", "months", 1, kMonth);
  add_built_in("quarter", "quarters", 3, kMonth);
  add_built_in("year", "years", 12, kMonth);
  add_built_in("GPU", "GPUs", 1, kGpu);
  add_built_in("percent", "percent", 1, kPercent);
  built_in_count_ = units_.size();
  base_count_ = kFirstDeclared;
}

void UnitSystem::add(Unit unit, bool sound) {
  by_name_.emplace(unit.singular, units_.size());
  by_name_.emplace(unit.plural, units_.size());
  units_.push_back({std::move(unit), sound});
}

void UnitSystem::add_built_in(std::string_view singular, std::string_view plural, Int128 factor,
                              uint32_t base) {
  add(single(singular, plural, Ratio(factor), {{base, 1}}));
}

bool UnitSystem::is_built_in(std::string_view name) const {
  auto found = by_name_.find(std::string(name));
  return found != by_name_.end() && found->second < built_in_count_;
}

void UnitSystem::declare(std::string_view singular, std::string_view plural, uint32_t id) {
  Unit unit = single(singular, plural, Ratio(1), {{base_count_++, 1}});
  unit.declared = {id};
  add(std::move(unit));
}

bool UnitSystem::declare(std::string_view singular, std::string_view plural, uint32_t id,
                         const Ratio& size, const Unit& of) {
  auto factor = checked_mul(size, of.factor);
  if (!factor) return false;
  Unit unit = single(singular, plural, *factor, of.powers);
  unit.decimal_size = of.decimal_size;
  unit.binary_size = of.binary_size;
  unit.declared = {id};
  add(std::move(unit));
  return true;
}

void UnitSystem::declare_unsound(std::string_view singular, std::string_view plural) {
  add(single(singular, plural, Ratio(1), {}), false);
}

const std::expected<Unit, UnitFault>& UnitSystem::resolve(std::string_view word) {
  std::string key(word);
  auto found = resolved_.find(key);
  if (found == resolved_.end()) found = resolved_.emplace(std::move(key), compose(word)).first;
  return found->second;
}

std::expected<Unit, UnitFault> UnitSystem::compose(std::string_view word) const {
  Unit product;
  for (size_t begin = 0; begin <= word.size();) {
    const size_t end = std::min(word.find('-', begin), word.size());
    const std::string name(word.substr(begin, end - begin));
    const bool last = end == word.size();
    const auto fault = [&](UnitFault::Kind kind) {
      return std::unexpected(UnitFault{kind, name, begin});
    };

    Unit money;
    const Unit* factor = nullptr;
    if (auto found = by_name_.find(name); found != by_name_.end()) {
      if (!units_[found->second].sound) return fault(UnitFault::Kind::Unsound);
      factor = &units_[found->second].unit;
    } else if (find_currency(name)) {
      money = single(name, name, Ratio(1), {{currency_base(name), 1}});
      factor = &money;
    } else {
      return fault(UnitFault::Kind::Unknown);
    }

    auto multiplied = checked_mul(product.factor, factor->factor);
    if (!multiplied) return fault(UnitFault::Kind::TooLarge);
    product.factor = *multiplied;
    product.plural = product.singular + factor->plural;
    product.singular += factor->singular;
    if (!last) product.singular += '-';
    multiply_in(product.powers, factor->powers);
    product.parts.insert(product.parts.end(), factor->parts.begin(), factor->parts.end());
    product.decimal_size |= factor->decimal_size;
    product.binary_size |= factor->binary_size;
    product.declared.insert(product.declared.end(), factor->declared.begin(),
                            factor->declared.end());
    begin = end + 1;
  }
  return product;
}

std::vector<std::string> UnitSystem::names() const {
  std::vector<std::string> all;
  for (const auto& [unit, sound] : units_) {
    all.push_back(unit.plural);
    if (unit.plural != unit.singular) all.push_back(unit.singular);
  }
  return all;
}

bool convertible(const Unit& a, const Unit& b) { return a.powers == b.powers; }

std::optional<Ratio> convert(const Ratio& quantity, const Unit& from, const Unit& to) {
  auto factor = checked_div(from.factor, to.factor);
  return factor ? checked_mul(quantity, *factor) : std::nullopt;
}

bool differ_in_calendar_only(const Unit& a, const Unit& b) {
  if (convertible(a, b)) return false;
  const auto left = without_time(a), right = without_time(b);
  return left == right && left.second != 0;
}

const UnitPart* time_of(const Unit& unit) {
  auto part = std::ranges::find_if(unit.parts, &UnitPart::time);
  return part == unit.parts.end() ? nullptr : &*part;
}

std::optional<TimeSpan> as_time(const Unit& unit) {
  if (unit.powers.size() != 1 || unit.powers.front().exponent != 1) return std::nullopt;
  switch (unit.powers.front().base) {
    case kSecond:
      return TimeSpan{Clock::Seconds, unit.factor};
    case kDay:
      return TimeSpan{Clock::Days, unit.factor};
    case kMonth:
      return TimeSpan{Clock::Months, unit.factor};
    default:
      return std::nullopt;
  }
}

std::string kind_of(const Unit& unit) {
  std::string text;
  for (const UnitPart& part : unit.parts) {
    const bool first = text.empty();
    if (!first) text += " × ";
    if (part.size) {
      text += first ? "bytes" : "byte";
    } else {
      text += first ? part.plural : part.singular;
    }
  }
  return text;
}

}  // namespace toll::dsl::checker
