// Numbers on the command line of a test program.
#pragma once

#include <charconv>
#include <string_view>
#include <system_error>

namespace toll::testing {

/// Whether all of the text is a number that fits, which is then in `into`.
template <typename Number>
bool read_number(std::string_view text, Number& into) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), into);
  return fault == std::errc() && end == text.data() + text.size();
}

/// The same of an argument like `--cards=100`, by what stands before the number.
template <typename Number>
bool read_flag(std::string_view argument, std::string_view name, Number& into) {
  return argument.starts_with(name) && read_number(argument.substr(name.size()), into);
}

}  // namespace toll::testing
