// What keys and values of several kinds of rows are made of. On disks: do not change it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/date.h"
#include "base/decimal.h"
#include "base/int128.h"
#include "base/ratio.h"
#include "engine/storage/keys.h"

namespace toll::engine {

/// A tenant and a letter, with which keys of State begin.
inline std::string of_kind(std::string_view tenant, char kind) {
  std::string key;
  append_name(key, tenant);
  return key + kind;
}

/// All of these keys.
inline KeyRange all_of_kind(std::string_view tenant, char kind) {
  return {of_kind(tenant, kind), of_kind(tenant, static_cast<char>(kind + 1))};
}

/// What stands behind them; empty for another kind of key.
inline std::optional<Parts> parts_behind(std::string_view tenant, char kind, std::string_view key) {
  const std::string prefix = of_kind(tenant, kind);
  if (!key.starts_with(prefix)) return std::nullopt;
  return Parts(key.substr(prefix.size()));
}

/// Behind all keys that go on from `prefix` with a day.
inline std::string behind_days(const std::string& prefix) {
  return prefix + std::string(sizeof(uint64_t) + 1, '\xff');
}

inline void append_date(std::string& out, Date day) {
  append_number(out, static_cast<uint64_t>(day.time_since_epoch().count()));
}

inline Date read_date(Parts& parts) {
  return Date(std::chrono::days(static_cast<int64_t>(parts.number())));
}

inline void append_optional_date(std::string& out, const std::optional<Date>& day) {
  out += static_cast<char>(day ? 1 : 0);
  if (day) append_date(out, *day);
}

inline std::optional<Date> read_optional_date(Parts& parts) {
  return parts.byte() != 0 ? std::optional(read_date(parts)) : std::nullopt;
}

/// A name that may be missing; names are never empty.
inline void append_optional(std::string& out, const std::optional<std::string>& name) {
  append_name(out, name ? std::string_view(*name) : std::string_view());
}

inline void append_wide(std::string& out, Int128 number) {
  const auto bits = static_cast<UInt128>(number);
  append_number(out, static_cast<uint64_t>(bits >> 64));
  append_number(out, static_cast<uint64_t>(bits));
}

inline Int128 read_wide(Parts& parts) {
  const UInt128 high = parts.number();
  return static_cast<Int128>(high << 64 | parts.number());
}

/// In the place of a decimal's scale: the number is a fraction, and its denominator follows.
constexpr uint64_t kFraction = 255;

inline void append_decimal(std::string& out, const Decimal& number) {
  append_wide(out, number.mantissa);
  append_number(out, static_cast<uint64_t>(number.scale));
}

/// Empty for what no row has.
inline std::optional<Decimal> read_decimal(Parts& parts) {
  constexpr uint64_t kScaleMax = 38;
  const Int128 mantissa = read_wide(parts);
  const uint64_t scale = parts.number();
  if (!parts.good() || scale > kScaleMax) return std::nullopt;
  return Decimal{mantissa, static_cast<int>(scale)};
}

/// A decimal wherever it is one, so that rows of before say the same.
inline void append_ratio(std::string& out, const Ratio& number) {
  if (const auto decimal = number.to_decimal()) return append_decimal(out, *decimal);
  append_wide(out, number.numerator());
  append_number(out, kFraction);
  append_wide(out, number.denominator());
}

/// Empty for what no row has.
inline std::optional<Ratio> read_ratio(Parts& parts) {
  const Int128 numerator = read_wide(parts);
  const uint64_t scale = parts.number();
  const bool whole = scale <= kMaxPowerOfTen;
  if (!parts.good() || numerator == kInt128Min || (!whole && scale != kFraction))
    return std::nullopt;
  const Int128 denominator =
      whole ? power_of_ten(static_cast<int>(scale)) : read_wide(parts);
  if (!parts.good() || denominator <= 0) return std::nullopt;
  return Ratio::of(numerator, denominator);
}

}  // namespace toll::engine
