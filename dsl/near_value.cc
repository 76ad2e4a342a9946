#include "dsl/near_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/ascii.h"
#include "dsl/diagnostic.h"

namespace toll::dsl {
namespace {

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// As it can be shown: blanks may break lines.
std::string without_controls(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20)
      shown += "\uFFFD";
    else
      shown += c;
  }
  return shown;
}

/// The values that stand in the card; `other` is none.
std::span<const std::string> listed_values(const Dimension& dimension) {
  return std::span(dimension.values).first(dimension.values.size() - (dimension.open ? 1 : 0));
}

}  // namespace

std::string but_is(const Dimension& dimension, std::string_view given) {
  // A value may have to be written with a blank less, and then letter for letter.
  const std::string_view text = without_blanks(given);
  const auto values = listed_values(dimension);
  const bool listed = std::ranges::find(values, text) != values.end();
  const std::string meant = listed ? std::string(text) : suggest(text, values);
  return meant.empty() ? std::string() : fmt::format(", but `{}` is", meant);
}

std::string warning_of_other(const Dimension& dimension, std::string_view given) {
  if (!dimension.open || given == dimension.values.back()) return {};
  const std::string_view text = without_blanks(given);
  const auto values = listed_values(dimension);
  // A longer and a shorter text are different ones: most unlisted values are told so.
  const auto near = std::ranges::find_if(values, [&](const std::string& value) {
    return value.size() == text.size() && equal_but_for_case(value, text);
  });
  if (near == values.end() || *near == given) return {};
  return fmt::format("`{}` is not a value of `{}` and counts as `{}`, but `{}` is",
                     without_controls(given), dimension.name, dimension.values.back(), *near);
}

}  // namespace toll::dsl
