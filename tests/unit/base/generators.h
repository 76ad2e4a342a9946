// Random values for the property tests, biased to where exact arithmetic goes wrong: small numbers,
// powers of two and ten and their neighbours, and the ends of 128 bits. And the yardstick: integers
// and fractions of Boost.Multiprecision, which have no ends.
#pragma once

#include <rapidcheck.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <ostream>

#include "base/decimal.h"
#include "base/int128.h"
#include "base/ratio.h"

namespace toll {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

// What GoogleTest and RapidCheck print when they differ.
inline std::ostream& operator<<(std::ostream& out, const Ratio& value) {
  return out << to_string(value.numerator()) << "/" << to_string(value.denominator());
}
inline std::ostream& operator<<(std::ostream& out, const Decimal& value) {
  return out << "{" << to_string(value.mantissa) << ", " << value.scale << "}";
}

inline cpp_rational exact(const Ratio& value) {
  return cpp_rational(cpp_int(value.numerator()), cpp_int(value.denominator()));
}
inline cpp_rational exact(const Decimal& value) {
  return cpp_rational(cpp_int(value.mantissa), cpp_int(power_of_ten(value.scale)));
}

inline bool fits(const cpp_int& value) {
  return value >= cpp_int(kInt128Min) && value <= cpp_int(kInt128Max);
}

/// A 128-bit integer that RapidCheck can make and show.
struct AnyInt128 {
  Int128 value = 0;
};
inline std::ostream& operator<<(std::ostream& out, AnyInt128 any) {
  return out << to_string(any.value);
}

/// A number above zero.
struct PositiveInt128 {
  Int128 value = 1;
};
inline std::ostream& operator<<(std::ostream& out, PositiveInt128 positive) {
  return out << to_string(positive.value);
}

namespace generate {

/// All 128 bits random, then shifted so that every magnitude is as likely as any other.
inline rc::Gen<Int128> of_any_magnitude() {
  return rc::gen::apply(
      [](uint64_t high, uint64_t low, int shift) {
        return static_cast<Int128>(UInt128{high} << 64 | low) >> shift;
      },
      rc::gen::arbitrary<uint64_t>(), rc::gen::arbitrary<uint64_t>(), rc::gen::inRange(0, 127));
}

/// 0, 1, powers of two and ten, and the ends, give or take one, with either sign.
inline rc::Gen<Int128> landmark() {
  return rc::gen::apply(
      [](int kind, int two, int ten, int nudge, bool negative) {
        const Int128 landmarks[] = {0, Int128{1} << two, power_of_ten(ten), kInt128Max};
        const Int128 near = checked_add(landmarks[kind], nudge).value_or(kInt128Max);
        return negative ? -near - 1 : near;
      },
      rc::gen::inRange(0, 4), rc::gen::inRange(0, 127), rc::gen::inRange(0, kMaxPowerOfTen + 1),
      rc::gen::inRange(-1, 2), rc::gen::arbitrary<bool>());
}

inline rc::Gen<Int128> int128() {
  return rc::gen::oneOf(of_any_magnitude(), landmark(),
                        rc::gen::cast<Int128>(rc::gen::inRange(-20, 21)));
}

inline rc::Gen<Int128> positive_int128() {
  return rc::gen::map(int128(), [](Int128 v) {
    const Int128 not_negative = v < 0 ? -(v + 1) : v;
    return not_negative == 0 ? 1 : not_negative;
  });
}

/// Anything but kInt128Min, which no ratio's numerator is.
inline rc::Gen<Int128> numerator() {
  return rc::gen::map(int128(), [](Int128 v) { return v == kInt128Min ? kInt128Max : v; });
}

}  // namespace generate
}  // namespace toll

namespace rc {

template <>
struct Arbitrary<toll::AnyInt128> {
  static Gen<toll::AnyInt128> arbitrary() {
    return gen::map(toll::generate::int128(), [](toll::Int128 v) { return toll::AnyInt128{v}; });
  }
};

template <>
struct Arbitrary<toll::PositiveInt128> {
  static Gen<toll::PositiveInt128> arbitrary() {
    return gen::map(toll::generate::positive_int128(),
                    [](toll::Int128 v) { return toll::PositiveInt128{v}; });
  }
};

template <>
struct Arbitrary<toll::Ratio> {
  static Gen<toll::Ratio> arbitrary() {
    return gen::apply([](toll::Int128 n, toll::Int128 d) { return toll::Ratio::of(n, d); },
                      toll::generate::numerator(), toll::generate::positive_int128());
  }
};

template <>
struct Arbitrary<toll::Decimal> {
  static Gen<toll::Decimal> arbitrary() {
    return gen::apply([](toll::Int128 m, int scale) { return toll::Decimal{m, scale}; },
                      toll::generate::int128(), gen::inRange(0, toll::kMaxPowerOfTen + 1));
  }
};

}  // namespace rc
