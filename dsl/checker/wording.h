// Words and numbers as diagnostics show them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/ratio.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// `call`: the user's words in backticks.
std::string quoted(std::string_view words);

/// "a", "a and b", "a, b and c".
std::string listed(std::span<const std::string> words, std::string_view last_joint = "and");

/// "known: nano, mini, large", the first few of many.
std::string known(std::span<const std::string> names);

/// "no", "one", "two", ... "nine", "10".
std::string number_word(uint64_t n);

/// "1 row", "2 rows", "1,000 rows".
std::string counted(uint64_t count, std::string_view noun);

/// "1st", "2nd", "11th", "1,001st".
std::string ordinal(Int128 n);

/// A number with thousands separated: "51,200", "0.5", "1/3".
std::string shown(const Ratio& value);

/// A number rounded half-up to `places`, without trailing zeros: "46,566.13".
/// Empty where it does not fit.
std::string approximately(const Ratio& value, int places);

/// "discount", "surcharge", "minimum", "maximum": as the language writes them.
std::string_view keyword(syntax::MoneyLine::Kind kind);

/// "an hour", "a month".
std::string with_article(std::string_view noun);

}  // namespace toll::dsl::checker
