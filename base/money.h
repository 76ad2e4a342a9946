// Currencies (ISO 4217) and money on a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/int128.h"
#include "base/ratio.h"

namespace toll {

/// A currency of ISO 4217. Trivially copyable; equal codes are equal currencies.
struct Currency {
  char code[4] = "XXX";  ///< three upper case letters and a NUL
  uint8_t exponent = 2;  ///< decimal places of the minor unit: USD 2, JPY 0, KWD 3

  constexpr std::string_view name() const { return {code, 3}; }
  friend bool operator==(const Currency&, const Currency&) = default;
};

/// The currency of an upper case ISO 4217 code; empty for anything else.
/// Source: ISO 4217 list one (alphabetic codes in circulation that have a minor unit; funds codes
/// too, metals and testing codes not).
std::optional<Currency> find_currency(std::string_view code);

/// An amount on a document: minor units of one currency.
struct Money {
  int64_t minor = 0;
  Currency currency;

  friend bool operator==(const Money&, const Money&) = default;
};

/// Minor units as a decimal string: 150 -> "1.50" (USD), "150" (JPY), "0.150" (KWD).
std::string format_minor(Int128 minor, Currency currency);

/// The same with thousands separated: "1,402.88". For people, never for JSON.
std::string format_minor_grouped(Int128 minor, Currency currency);

/// Digits of a decimal string with thousands separated: "61440.5" -> "61,440.5". Places after the
/// point are left alone. REQUIRES: an optional '-', digits, at most one point.
std::string group_thousands(std::string_view decimal);

/// The minor units of `amount`; empty when it has a smaller part or does not fit 64 bits.
std::optional<int64_t> to_minor(const Decimal& amount, Currency currency);
std::optional<int64_t> to_minor(const Ratio& amount, Currency currency);

}  // namespace toll
