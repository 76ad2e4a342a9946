// Amounts and quantities as the strings of an answer.
#pragma once

#include <string>

#include "base/int128.h"
#include "base/money.h"
#include "base/ratio.h"

namespace toll::runtime {

/// numerator / denominator minor units in the currency's major unit: a decimal, or n/d.
std::string exact_major(Int128 numerator, Int128 denominator, Currency currency);
std::string exact_major(const Ratio& minor, Currency currency);

/// For people: thousands separated where the value is a decimal.
std::string grouped(const Ratio& value);
std::string grouped_major(const Ratio& minor, Currency currency);

}  // namespace toll::runtime
