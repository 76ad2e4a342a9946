// What a wrong number was meant to be. The way out that is offered is always a right number itself.

#include <fmt/format.h>

#include <algorithm>

#include "dsl/scan/number.h"

namespace toll::dsl::scan {
namespace {

bool is_number(std::string_view text) { return number_kind(text) == TokenKind::Number; }

std::string without(std::string_view text, char c) {
  std::string result(text);
  std::erase(result, c);
  return result;
}

/// 1234567 -> 1,234,567
std::string with_groups(std::string digits) {
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

/// Leading zeros off, thousands grouped: 01234.50 -> 1,234.50
std::string regrouped(std::string_view whole_digits, std::string_view from_point) {
  auto first = std::min(whole_digits.find_first_not_of('0'), whole_digits.size() - 1);
  return with_groups(std::string(whole_digits.substr(first))) + std::string(from_point);
}

struct Repair {
  std::string_view code;
  std::string why;
  std::string meant;  ///< need not be a number: then nothing is offered
};

Repair repair_decimal_comma(std::string_view text, size_t comma) {
  std::string whole = without(text.substr(0, comma), '.');
  return {"E014", "a comma groups thousands; decimals use a point",
          fmt::format("{}.{}", are_digits(whole) ? regrouped(whole, "") : whole,
                      text.substr(comma + 1))};
}

/// `text` is made of digits, commas and points, with a digit or a point in front.
Repair repair_digits(std::string_view text) {
  if (text.starts_with('.')) return {"E017", "begins with a point", fmt::format("0{}", text)};
  if (text.ends_with('.')) {
    return {"E017", "ends with a point", std::string(text.substr(0, text.size() - 1))};
  }
  auto points = std::ranges::count(text, '.');
  auto commas = std::ranges::count(text, ',');
  size_t comma = text.rfind(',');
  if (commas == 1) {
    auto behind = text.substr(comma + 1);
    bool three = are_digits(behind) && behind.size() == 3;
    bool decimals =
        text.find('.') < comma || text.substr(0, comma) == "0" || (points == 0 && !three);
    if (decimals) return repair_decimal_comma(text, comma);
  }
  if (points > 1) {
    std::string grouped(text);
    std::ranges::replace(grouped, '.', ',');
    return {"E017", "more than one point", grouped};
  }
  size_t point = std::min(text.find('.'), text.size());
  std::string whole = without(text.substr(0, point), ',');
  std::string why =
      commas > 0 ? "commas stand between groups of three digits" : "begins with a zero";
  return {"E017", why, regrouped(whole, text.substr(point))};
}

NumberFault fault(std::string_view code, std::string_view text, std::string label,
                  std::string help) {
  return {code, fmt::format("`{}` is not a number in Toll", text), std::move(label),
          std::move(help)};
}

/// `tail` is what may stand behind the digits: nothing, M, B or %.
NumberFault explain_digits(std::string_view text, std::string_view digits, std::string_view tail) {
  Repair repair = repair_digits(digits);
  bool suffix = tail == "M" || tail == "B";
  if (suffix && is_number(digits)) {
    repair = {"E017", fmt::format("commas and {} do not go together", tail), std::string(digits)};
  }
  if (suffix) std::erase(repair.meant, ',');
  if (!is_number(repair.meant)) {
    return fault(repair.code, text, repair.why, "numbers look like `1,000`, `12.50` or `2.5M`");
  }
  return fault(repair.code, text, repair.why, fmt::format("write `{}{}`", repair.meant, tail));
}

NumberFault explain_thousands(std::string_view text, std::string_view number,
                              std::string_view letter) {
  std::string digits = without(number, ',');
  std::string meant = are_digits(digits) ? regrouped(digits + "000", "") : "100,000";
  return {"E016", fmt::format("`{}` is ambiguous", text),
          fmt::format("{} could be 1,000 or 1,024", letter),
          fmt::format("write all the digits, as in `{}`", meant)};
}

/// A number with something behind it that is no suffix.
NumberFault explain_letters(std::string_view text, std::string_view number, std::string_view rest) {
  if (rest == "K" || rest == "k") return explain_thousands(text, number, rest);
  if ((rest == "m" || rest == "b") && is_number(number)) {
    return fault("E017", text, fmt::format("`{}` is no suffix of a number", rest),
                 fmt::format("for a {} write `{}{}`; a unit is set off by a blank",
                             rest == "m" ? "million" : "billion", without(number, ','),
                             rest == "m" ? 'M' : 'B'));
  }
  if (rest.starts_with('_')) {
    return fault("E017", text, "digits are grouped with commas", "write `1,000` or `1000`");
  }
  if (rest.find_first_of(",:%") != rest.npos || !is_number(number)) {
    return fault("E017", text, "neither a number nor a name",
                 "numbers look like `1,000`, `12.50` or `2.5M`; a name begins with a letter");
  }
  return fault(
      "E017", text, "a number and its unit are set off by a blank",
      fmt::format("write `{} {}`; if it is meant as a name, begin it with a letter", number, rest));
}

/// 1e5, 2.5E-3
bool has_exponent(std::string_view text) {
  size_t e = std::min(text.find_first_of("eE"), text.size());
  auto exponent = text.substr(std::min(e + 1, text.size()));
  if (exponent.starts_with('-')) exponent.remove_prefix(1);
  return is_number(text.substr(0, e)) && are_digits(exponent);
}

/// 2026-1-31, 31.01.2026, 2026-1
bool is_near_date(std::string_view text) {
  size_t first = text.find_first_of("-.");
  if (first == text.npos) return false;
  size_t second = text.find(text[first], first + 1);
  auto begin = text.substr(0, first);
  auto middle = text.substr(first + 1, second == text.npos ? text.npos : second - first - 1);
  auto end = second == text.npos ? std::string_view("1") : text.substr(second + 1);
  bool digits = are_digits(begin) && are_digits(middle) && are_digits(end);
  if (!digits || middle.size() > 2) return false;
  if (second == text.npos) return text[first] == '-' && begin.size() == 4;
  return begin.size() == 4 || end.size() == 4;
}

}  // namespace

NumberFault explain_near_number(std::string_view text) {
  if (text.starts_with('-')) {
    return fault("E017", text, "amounts have no sign",
                 "what takes money off a bill is a `discount` or a `maximum`");
  }
  if (is_near_date(text)) {
    return {"E018", fmt::format("`{}` is not a date in Toll", text), "",
            "write dates as `2026-01-31` and months as `2026-01`"};
  }
  if (text.contains(':')) {
    return {"E018", fmt::format("`{}` is not a time of day in Toll", text), "",
            "write hours as `08:00-20:00`, up to `24:00`"};
  }
  if (has_exponent(text)) {
    return fault("E017", text, "written with an exponent",
                 "write all the digits; `M` is a million and `B` a billion");
  }
  if (text.contains('-')) {
    return fault("E017", text, "not one number",
                 "a range is written by its upper end, as in `up to 2,000 calls`");
  }
  size_t digits_end = std::min(text.find_first_not_of("0123456789.,"), text.size());
  auto digits = text.substr(0, digits_end);
  auto rest = text.substr(digits_end);
  bool tail = rest.empty() || rest == "M" || rest == "B" || rest == "%";
  return tail ? explain_digits(text, digits, rest) : explain_letters(text, digits, rest);
}

}  // namespace toll::dsl::scan
