#include "runtime/bulk/plain_rows.h"

#include <algorithm>
#include <limits>

#include "base/int128.h"

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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes `digits[.digits]` as parse_decimal() takes it; false where it is something else, or long.
bool take(const char*& at, const char* end, Quantity& quantity) {
  const char* const begin = at;
  uint64_t digits = 0;
  for (; at != end && is_digit(*at); ++at) digits = digits * 10 + static_cast<uint64_t>(*at - '0');
  const ptrdiff_t whole = at - begin;
  if (whole == 0 || (whole > 1 && *begin == '0')) return false;
  ptrdiff_t places = 0;
  if (at != end && *at == '.') {
    const char* const point = at++;
    for (; at != end && is_digit(*at); ++at)
      digits = digits * 10 + static_cast<uint64_t>(*at - '0');
    places = at - point - 1;
    if (places == 0 || places > kPlacesMax) return false;
  }
  quantity = {static_cast<int64_t>(digits), static_cast<uint8_t>(places)};
  return whole + places <= kDigitsMax;
}

}  // namespace

PlainRows::PlainRows(const TableColumns& columns) {
  for (size_t i = 0; i < columns.columns.size(); ++i) {
    fields_.push_back(columns.columns[i].cell ? Field::Quantity
                      : columns.customer == i ? Field::Customer
                                              : Field::Kept);
    if (columns.columns[i].cell) usage_.emplace_back();
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

bool PlainRows::add(std::string_view line) {
  const char *at = line.data(), *const end = at + line.size();
  size_t usage = 0;
  bool plain = !line.empty() && line.size() <= kTableLineBytesMax;
  for (size_t i = 0; plain && i < fields_.size(); ++i) {
    if (i > 0) {
      plain = at != end && *at == ',';
      if (!plain) break;
      ++at;
    }
    if (fields_[i] == Field::Quantity) {
      Quantity quantity;
      plain = take(at, end, quantity);
      if (!plain) break;
      Column& column = usage_[usage++];
      column.quantities.push_back(quantity.digits);
      column.places.push_back(quantity.places);
      continue;
    }
    const char* const begin = at;
    while (at != end && *at != ',' && *at != '"') ++at;
    plain = (at == end || *at == ',') && (at != begin || fields_[i] == Field::Kept);
    if (fields_[i] == Field::Customer) customer_ = {begin, at};
  }
  if (plain && at == end) {
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
