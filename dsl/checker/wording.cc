#include "dsl/checker/wording.h"

#include <fmt/format.h>

#include "base/money.h"
#include "base/rounding.h"

namespace toll::dsl::checker {

std::string quoted(std::string_view words) { return fmt::format("`{}`", words); }

std::string listed(std::span<const std::string> words, std::string_view last_joint) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? fmt::format(" {} ", last_joint) : ", ";
    text += words[i];
  }
  return text;
}

std::string known(std::span<const std::string> names) {
  constexpr size_t kShown = 8;
  if (names.empty()) return "there is none";
  if (names.size() <= kShown) return fmt::format("known: {}", fmt::join(names, ", "));
  return fmt::format("known: {} and {} more", fmt::join(names.first(kShown), ", "),
                     names.size() - kShown);
}

std::string number_word(uint64_t n) {
  constexpr std::string_view kWords[] = {"no",   "one", "two",   "three", "four",
                                         "five", "six", "seven", "eight", "nine"};
  return n < std::size(kWords) ? std::string(kWords[n]) : std::to_string(n);
}

std::string counted(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", group_thousands(std::to_string(count)), noun,
                     count == 1 ? "" : "s");
}

std::string ordinal(Int128 n) {
  const int last_two = static_cast<int>(n % 100);
  const int last = last_two % 10;
  std::string_view ending = "th";
  if (last_two < 11 || last_two > 13) {
    if (last == 1) ending = "st";
    if (last == 2) ending = "nd";
    if (last == 3) ending = "rd";
  }
  return group_thousands(toll::to_string(n)) + std::string(ending);
}

std::string shown(const Ratio& value) {
  auto decimal = value.to_decimal();
  return decimal ? group_thousands(decimal->to_string()) : value.to_string();
}

std::string approximately(const Ratio& value, int places) {
  auto scaled = checked_mul(value, Ratio(power_of_ten(places)));
  if (!scaled) return {};
  Decimal rounded{div_round(scaled->numerator(), scaled->denominator(), RoundingMode::HalfUp),
                  places};
  return group_thousands(rounded.normalized().to_string());
}

std::string_view keyword(syntax::MoneyLine::Kind kind) {
  using Kind = syntax::MoneyLine::Kind;
  switch (kind) {
    case Kind::Discount:
      return "discount";
    case Kind::Surcharge:
      return "surcharge";
    case Kind::Minimum:
      return "minimum";
    case Kind::Maximum:
      return "maximum";
  }
  return {};
}

std::string with_article(std::string_view noun) {
  // "an hour" is the one unit that sounds different from its spelling.
  const bool vowel = noun.starts_with("hour") ||
                     (!noun.empty() && std::string_view("aeioAEIO").contains(noun.front()));
  return fmt::format("{} {}", vowel ? "an" : "a", noun);
}

}  // namespace toll::dsl::checker
