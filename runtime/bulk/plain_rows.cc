#include "runtime/bulk/plain_rows.h"

#include <algorithm>
#include <limits>

#include "base/ascii.h"
#include "base/int128.h"
#include "runtime/bulk/json_record.h"
#include "runtime/bulk/words.h"

namespace toll::runtime {
namespace {

/// So many digits fit 64 bits, whatever they are.
constexpr ptrdiff_t kDigitsMax = 18;
/// Rows with more decimal places would make the numbers of all others long.
constexpr ptrdiff_t kPlacesMax = 9;

struct Quantity {
  int64_t digits = 0;
  uint8_t places = 0;
};

constexpr uint64_t kPowersOfTen[] = {1,       10,        100,        1'000,      10'000,
                                     100'000, 1'000'000, 10'000'000, 100'000'000};

/// Appends the digits at `at` to a number; what more than 64 bits hold, wraps.
void take_digits(const char*& at, const char* end, const char* readable, uint64_t& digits) {
  while (readable - at >= static_cast<ptrdiff_t>(kWordBytes)) {  // what ends a line is no digit
    const uint64_t word = load_word(at);
    const size_t count = bytes_before(marks_of_no_digit(word));
    if (count > 0) digits = digits * kPowersOfTen[count] + number_of(word, count);
    at += count;
    if (count < kWordBytes) return;
  }
  for (; at != end && is_digit(*at); ++at) digits = digits * 10 + static_cast<uint64_t>(*at - '0');
}

/// Takes `digits[.digits]` as parse_decimal() takes it; false where it is something else, or long.
bool take(const char*& at, const char* end, const char* readable, Quantity& quantity) {
  const char* const begin = at;
  uint64_t digits = 0;
  take_digits(at, end, readable, digits);
  const ptrdiff_t whole = at - begin;
  if (whole == 0 || (whole > 1 && *begin == '0')) return false;
  ptrdiff_t places = 0;
  if (at != end && *at == '.') {
    const char* const point = at++;
    take_digits(at, end, readable, digits);
    places = at - point - 1;
    if (places == 0 || places > kPlacesMax) return false;
  }
  quantity = {static_cast<int64_t>(digits), static_cast<uint8_t>(places)};
  return whole + places <= kDigitsMax;
}

}  // namespace

PlainRows::PlainRows(const TableColumns& columns, TableFormat format)
    : is_json_(format == TableFormat::Ndjson) {
  for (size_t i = 0; i < columns.columns.size(); ++i) {
    const TableColumn& column = columns.columns[i];
    Field field{column.cell             ? Kind::Quantity
                : columns.customer == i ? Kind::Customer
                                        : Kind::Kept,
                i > 0      ? ','
                : is_json_ ? '{'
                           : '\0',
                {}};
    if (is_json_) append_json_string(field.name, column.name);
    fields_.push_back(std::move(field));
    if (column.cell) usage_.emplace_back().whole = column.whole;
  }
}

void PlainRows::clear() {
  rows_ = 0;
  for (Column& column : usage_) {
    column.quantities.clear();
    column.places.clear();
    column.least = std::numeric_limits<uint8_t>::max();
    column.most = 0;
  }
}

bool PlainRows::add(std::string_view line, const char* readable) {
  Cursor cursor{line.data(), line.data() + line.size(), readable};
  if (!line.empty() && line.size() <= kTableLineBytesMax && take_fields(cursor)) {
    for (Column& column : usage_) {
      column.least = std::min(column.least, column.places.back());
      column.most = std::max(column.most, column.places.back());
    }
    ++rows_;
    return true;
  }
  for (Column& column : usage_) {
    column.quantities.resize(rows_);
    column.places.resize(rows_);
  }
  return false;
}

bool PlainRows::has_zero() const {
  return std::ranges::any_of(usage_,
                             [](const Column& column) { return column.quantities.back() == 0; });
}

bool PlainRows::take_fields(Cursor& cursor) {
  size_t usage = 0;
  for (const Field& field : fields_) {
    if (!take_before(cursor, field)) return false;
    if (!(field.kind == Kind::Quantity ? take_quantity(cursor, usage++) : take_text(cursor, field)))
      return false;
  }
  if (is_json_ && !cursor.take('}')) return false;
  return cursor.at == cursor.end;
}

/// In objects a space may follow commas and colons, as some write them.
bool PlainRows::take_before(Cursor& cursor, const Field& field) const {
  if (field.separator != '\0' && !cursor.take(field.separator)) return false;
  if (!is_json_) return true;
  cursor.take(' ');
  const std::string_view rest(cursor.at, cursor.end);
  if (!rest.starts_with(field.name)) return false;
  cursor.at += field.name.size();
  if (!cursor.take(':')) return false;
  cursor.take(' ');
  return true;
}

/// A number of JSON may stand in quotes.
bool PlainRows::take_quantity(Cursor& cursor, size_t usage) {
  const bool quoted = is_json_ && cursor.take('"');
  Quantity quantity;
  if (!take(cursor.at, cursor.end, cursor.readable, quantity)) return false;
  if (quoted && !cursor.take('"')) return false;
  if (usage_[usage].whole && quantity.places > 0) return false;
  usage_[usage].quantities.push_back(quantity.digits);
  usage_[usage].places.push_back(quantity.places);
  return true;
}

/// What is passed on. Of an object a string without escapes and control characters.
bool PlainRows::take_text(Cursor& cursor, const Field& field) {
  if (is_json_ && !cursor.take('"')) return false;
  const char* const begin = cursor.at;
  skip_text(cursor);
  const std::string_view text(begin, cursor.at);
  if (is_json_ && !cursor.take('"')) return false;
  if (field.kind == Kind::Customer) customer_ = text;
  if (text.empty() && field.kind == Kind::Customer) return false;
  return is_json_ || cursor.at == cursor.end || *cursor.at == ',';
}

/// Up to what may end a text, or spoil it.
void PlainRows::skip_text(Cursor& cursor) const {
  if (is_json_) {
    while (cursor.at != cursor.end && *cursor.at != '"' && *cursor.at != '\\' &&
           static_cast<uint8_t>(*cursor.at) >= 0x20)
      ++cursor.at;
    return;
  }
  while (cursor.readable - cursor.at >= static_cast<ptrdiff_t>(kWordBytes)) {
    const uint64_t word = load_word(cursor.at);
    const size_t count = bytes_before(marks_of(word, ',') | marks_of(word, '"'));
    cursor.at += count;
    if (cursor.at >= cursor.end) cursor.at = cursor.end;  // it was of another line
    if (count < kWordBytes || cursor.at == cursor.end) return;
  }
  while (cursor.at != cursor.end && *cursor.at != ',' && *cursor.at != '"') ++cursor.at;
}

bool PlainRows::align(std::vector<uint32_t>& scales) {
  scales.clear();
  for (Column& column : usage_) {
    scales.push_back(column.most);
    if (column.least == column.most) continue;
    int64_t factors[kPlacesMax + 1];
    for (int i = 0; i <= column.most; ++i)
      factors[i] = static_cast<int64_t>(power_of_ten(column.most - i));
    bool overflows = false;
    for (size_t row = 0; row < rows_; ++row)
      overflows |= __builtin_mul_overflow(column.quantities[row], factors[column.places[row]],
                                          &column.quantities[row]);
    if (overflows) return false;
  }
  return true;
}

std::vector<const int64_t*> PlainRows::columns() const {
  std::vector<const int64_t*> result;
  for (const Column& column : usage_) result.push_back(column.quantities.data());
  return result;
}

}  // namespace toll::runtime
