#include "tests/differential/column_tables.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <span>

namespace toll::differential {

using compiler::ColumnShape;
using compiler::ColumnType;
using compiler::kByCode;
using compiler::UsageColumn;

namespace {

int64_t most_of(ColumnType type) {
  return type == ColumnType::Int64 ? std::numeric_limits<int64_t>::max()
                                   : (int64_t{1} << (8 * compiler::bytes_of(type))) - 1;
}

/// The lowest bytes of a number stand first.
template <typename Number>
std::vector<std::byte> packed(const std::vector<Number>& numbers, ColumnType type) {
  const size_t bytes = compiler::bytes_of(type);
  std::vector<std::byte> column(numbers.size() * bytes);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto number = static_cast<uint64_t>(numbers[i]);
    std::memcpy(&column[i * bytes], &number, bytes);
  }
  return column;
}

}  // namespace

std::vector<std::vector<std::byte>> ColumnTable::packed_quantities() const {
  std::vector<std::vector<std::byte>> columns;
  for (size_t i = 0; i < quantities.size(); ++i)
    columns.push_back(packed(quantities[i], shape.columns[i].type));
  return columns;
}

std::vector<std::vector<std::byte>> ColumnTable::packed_codes() const {
  std::vector<std::vector<std::byte>> columns;
  for (size_t i = 0; i < codes.size(); ++i)
    columns.push_back(
        packed(codes[i], i < shape.codes.size() ? shape.codes[i] : ColumnType::UInt32));
  return columns;
}

ColumnTableGenerator::ColumnTableGenerator(const dsl::RateCard& card,
                                           const compiler::RatingProgram& program, uint64_t seed)
    : card_(card), points_(card.meters.size()), random_(seed) {
  for (size_t i = 0; i < program.charges.size(); ++i) {
    if (card.charges[i].is_share()) continue;
    const compiler::Charge& charge = program.charges[i];
    std::vector<Ratio>& points = points_[card.charges[i].meter];
    const auto add = [&](Int128 point) {
      if (point != kInt128Max) points.push_back(Ratio::of(point, charge.quantity_denominator));
    };
    for (const auto& step : charge.quantity_steps) add(step.amount);
    for (const compiler::Table& table : charge.tables)
      for (const compiler::Piece& piece : table.pieces) {
        add(piece.up_to);
        for (const compiler::Block& block : piece.blocks) add(block.size);
      }
    if (charge.narrow_max > 0) edges_.push_back(charge.narrow_max);
  }
}

std::vector<uint32_t> ColumnTableGenerator::draw_values(uint32_t meter) {
  std::vector<uint32_t> values;
  for (const uint32_t dimension : card_.meters[meter].dimensions)
    values.push_back(
        static_cast<uint32_t>(random_.below(card_.dimensions[dimension].values.size())));
  return values;
}

/// One column whose cell the rows say, or a few cells.
void ColumnTableGenerator::draw_columns(uint32_t meter, ColumnShape& shape) {
  const auto scale = [&] {
    return static_cast<uint32_t>(random_.pick(std::array{0, 0, 0, 1, 2, 3, 6, 12, 18}));
  };
  const auto type = [&] {
    using enum ColumnType;
    return random_.pick(std::array{Int64, Int64, Int64, Int64, UInt32, UInt32, UInt16, UInt8});
  };
  const auto& dimensions = card_.meters[meter].dimensions;
  if (!dimensions.empty() && random_.chance(40)) {
    UsageColumn column{
        .meter = meter, .values = draw_values(meter), .scale = scale(), .type = type()};
    for (uint32_t& value : column.values)
      if (random_.chance(75)) value = kByCode;
    shape.columns.push_back(std::move(column));
    return;
  }
  const uint64_t cells = dimensions.empty() ? random_.below(8) > 0 : random_.below(5);
  for (uint64_t i = 0; i < cells; ++i) {
    UsageColumn column{
        .meter = meter, .values = draw_values(meter), .scale = scale(), .type = type()};
    const auto is_it = [&](const UsageColumn& other) {
      return other.meter == meter && other.values == column.values;
    };
    if (std::ranges::none_of(shape.columns, is_it)) shape.columns.push_back(std::move(column));
  }
}

/// Some are left out.
void ColumnTableGenerator::draw_code_types(ColumnShape& shape) {
  for (const UsageColumn& column : shape.columns)
    for (size_t i = 0; i < column.values.size(); ++i) {
      if (column.values[i] != kByCode) continue;
      const uint32_t dimension = card_.meters[column.meter].dimensions[i];
      const bool few = card_.dimensions[dimension].values.size() <= 256;
      using enum ColumnType;
      shape.codes.push_back(random_.pick(std::array{few ? UInt8 : UInt16, UInt16, UInt32, Int64}));
    }
  if (!shape.codes.empty()) shape.codes.resize(shape.codes.size() - random_.below(2));
}

ColumnShape ColumnTableGenerator::draw_shape() {
  ColumnShape shape;
  for (uint32_t meter = 0; meter < card_.meters.size(); ++meter) draw_columns(meter, shape);
  draw_code_types(shape);
  shape.period_days = static_cast<int32_t>(random_.between(28, 31));
  shape.covered_days = random_.chance(60)
                           ? shape.period_days
                           : static_cast<int32_t>(random_.between(0, shape.period_days));
  shape.final = random_.chance(85);
  for (const dsl::Pool& pool : card_.pools)
    shape.available.push_back(Ratio::of(random_.between(0, 20'000), pool.credit ? 30 : 1));
  return shape;
}

/// A small number, or a point and what lies beside it.
int64_t ColumnTableGenerator::usual(const UsageColumn& column) {
  const std::vector<Ratio>& points = points_[column.meter];
  if (points.empty() || random_.chance(30))
    return random_.between(0, random_.pick(std::array{1, 10, 1'000, 100'000, 1'000'000'000}));
  const Ratio& point = random_.pick(points);
  const auto at_scale =
      checked_mul(point.numerator(), power_of_ten(static_cast<int>(column.scale)));
  const Int128 whole = at_scale.value_or(0) / point.denominator() + random_.between(-1, 1);
  return static_cast<int64_t>(std::clamp<Int128>(whole, 0, std::numeric_limits<int64_t>::max()));
}

int64_t ColumnTableGenerator::at_an_edge() {
  const int64_t most = std::numeric_limits<int64_t>::max();
  const int64_t bits = int64_t{1} << random_.between(30, 62);
  const auto tens = static_cast<int64_t>(power_of_ten(static_cast<int>(random_.between(9, 18))));
  if (!edges_.empty() && random_.chance(30)) return random_.pick(edges_) - random_.between(0, 1);
  const int64_t edge = random_.pick(std::array{most, most, bits, tens, most / 10, most / 1000});
  return edge - (edge == most ? random_.between(0, 2) : random_.between(-2, 2));
}

/// What its type does not hold becomes its largest number or one a little below.
int64_t ColumnTableGenerator::held_by(ColumnType type, int64_t quantity) {
  const int64_t most = most_of(type);
  return quantity <= most ? quantity : most - random_.between(0, 2);
}

ColumnTable ColumnTableGenerator::draw(size_t rows, Reach reach) {
  ColumnTable table{.shape = draw_shape(), .quantities = {}, .codes = {}, .rows = rows};
  const uint64_t beyond = random_.below(rows);
  for (const UsageColumn& column : table.shape.columns) {
    std::vector<int64_t>& quantities = table.quantities.emplace_back();
    for (size_t row = 0; row < rows; ++row)
      quantities.push_back(held_by(column.type, reach == Reach::Anywhere && random_.chance(20)
                                                    ? at_an_edge()
                                                    : usual(column)));
    if (reach == Reach::OneBeyond) quantities[beyond] = held_by(column.type, at_an_edge());
    for (size_t i = 0; i < column.values.size(); ++i) {
      if (column.values[i] != kByCode) continue;
      const dsl::Dimension& dimension = card_.dimensions[card_.meters[column.meter].dimensions[i]];
      std::vector<uint32_t>& codes = table.codes.emplace_back();
      for (size_t row = 0; row < rows; ++row)
        codes.push_back(static_cast<uint32_t>(random_.below(dimension.values.size())));
    }
  }
  return table;
}

}  // namespace toll::differential
