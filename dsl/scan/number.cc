#include "dsl/scan/number.h"

#include <algorithm>
#include <vector>

namespace toll::dsl::scan {
namespace {

/// True if `text` has the form of `shape`, where 0 stands for any digit.
bool has_shape(std::string_view text, std::string_view shape) {
  return std::ranges::equal(text, shape,
                            [](char c, char s) { return s == '0' ? is_digit(c) : c == s; });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Digits, in groups of three if there are commas: 1000, 1,000, 12,345,678.
bool is_whole(std::string_view text) {
  auto groups = split(text, ',');
  bool plain = groups.size() == 1;
  for (size_t i = 0; i < groups.size(); ++i) {
    bool size_fits = plain || (i == 0 ? groups[i].size() <= 3 : groups[i].size() == 3);
    if (!size_fits || !are_digits(groups[i])) return false;
  }
  bool leading_zero = groups[0][0] == '0' && (groups[0].size() > 1 || !plain);
  return !leading_zero;
}

int suffix_zeros(std::string_view text) {
  return text.ends_with('M') ? 6 : text.ends_with('B') ? 9 : 0;
}

/// A number as Toll writes it, without a percent sign.
bool is_unsigned_number(std::string_view text) {
  bool suffix = suffix_zeros(text) > 0;
  if (suffix) text.remove_suffix(1);
  if (suffix && text.contains(',')) return false;
  size_t point = text.find('.');
  if (!is_whole(text.substr(0, point))) return false;
  return point == text.npos || are_digits(text.substr(point + 1));
}

std::string without_commas(std::string_view text) {
  std::string result(text);
  std::erase(result, ',');
  return result;
}

}  // namespace

bool are_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

TokenKind number_kind(std::string_view text) {
  if (has_shape(text, "0000-00-00")) return TokenKind::Date;
  if (has_shape(text, "0000-00")) return TokenKind::Month;
  if (has_shape(text, "00:00-00:00")) return TokenKind::Hours;
  if (is_unsigned_number(text)) return TokenKind::Number;
  bool percent = text.ends_with('%') && suffix_zeros(text.substr(0, text.size() - 1)) == 0 &&
                 is_unsigned_number(text.substr(0, text.size() - 1));
  return percent ? TokenKind::Percent : TokenKind::NearNumber;
}

std::optional<Decimal> number_value(std::string_view text) {
  size_t zeros = static_cast<size_t>(suffix_zeros(text));
  if (zeros > 0) text.remove_suffix(1);
  size_t point = text.find('.');
  std::string whole = without_commas(text.substr(0, point));
  std::string places(point == text.npos ? "" : text.substr(point + 1));

  // M and B move the point to the right.
  if (places.size() < zeros) places.resize(zeros, '0');
  whole += places.substr(0, zeros);
  places.erase(0, zeros);
  if (whole.size() + places.size() > kDigitsMax) return std::nullopt;
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));

  DecimalLimits limits{.places_max = kDigitsMax, .whole_digits_max = kDigitsMax};
  auto value = parse_decimal(places.empty() ? whole : whole + "." + places, limits);
  return value ? std::optional(*value) : std::nullopt;
}

bool are_hours(std::string_view text) {
  auto minutes = [&](size_t at) {
    int hour = (text[at] - '0') * 10 + (text[at + 1] - '0');
    int minute = (text[at + 3] - '0') * 10 + (text[at + 4] - '0');
    return minute < 60 ? hour * 60 + minute : 24 * 60 + 1;
  };
  return minutes(0) < minutes(6) && minutes(6) <= 24 * 60;
}

}  // namespace toll::dsl::scan
