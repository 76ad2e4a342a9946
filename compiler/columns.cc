#include "compiler/columns.h"

#include <algorithm>

#include "compiler/columns/plan.h"
#include "compiler/interpreter.h"

namespace toll::compiler {
namespace {

/// Rows of a block: their columns stay in the first cache.
constexpr size_t kBlockRows = 1024;
/// So many blocks are tried together: between two calls of the code all that they need has left the
/// caches.
constexpr size_t kBlocks = 16;
/// Where a block does not fit 128 bits, parts of so many rows are tried.
constexpr size_t kPartRows = 32;

constexpr uint32_t kWide = NativeColumns::kWidths - 1;

size_t codes_of(const ColumnShape& shape) {
  size_t codes = 0;
  for (const UsageColumn& column : shape.columns)
    codes += static_cast<size_t>(std::ranges::count(column.values, kByCode));
  return codes;
}

const void* from_row(const void* column, ColumnType type, size_t row) {
  return static_cast<const std::byte*>(column) + row * bytes_of(type);
}

template <typename Number>
int64_t number_at(const void* column, size_t row) {
  return static_cast<int64_t>(static_cast<const Number*>(column)[row]);
}

int64_t number_at(const void* column, ColumnType type, size_t row) {
  switch (type) {
    case ColumnType::UInt8:
      return number_at<uint8_t>(column, row);
    case ColumnType::UInt16:
      return number_at<uint16_t>(column, row);
    case ColumnType::UInt32:
      return number_at<uint32_t>(column, row);
    case ColumnType::Int64:
      break;
  }
  return number_at<int64_t>(column, row);
}

}  // namespace

Result<ColumnFunction> ColumnFunction::compile(const NativeCompiler& compiler,
                                               const dsl::RateCard& card,
                                               const RatingProgram& program, ColumnShape shape) {
  shape.codes.resize(codes_of(shape), ColumnType::UInt32);
  const auto lines = lines_of_rows(card, program, shape);
  if (shape.lines && !lines)
    return std::unexpected(
        Error{"columns: rows have different lines where codes choose cells of a "
              "charge that has other columns too"});
  ColumnFunction function(card, program, std::move(shape));
  function.lines_ = lines.value_or(0);
  const auto plan = plan_columns(card, program, function.shape_);
  if (!plan) return function;
  auto code = compiler.compile_columns(program, *plan);
  if (!code) return std::unexpected(code.error());
  bool any = false;
  for (uint32_t width = 0; width < NativeColumns::kWidths; ++width) any = any || code->has(width);
  if (any) function.code_ = *std::move(code);
  return function;
}

ColumnRater::ColumnRater(ColumnFunction function, std::shared_ptr<const NativeFunction> row)
    : function_(std::move(function)),
      row_(std::move(row)),
      usage_(*function_.card_, *function_.program_) {
  quantities_.resize(function_.shape_.columns.size());
  codes_.resize(function_.shape_.codes.size());
  line_places_.resize(function_.shape_.lines ? function_.lines_ : 0);
}

void ColumnRater::rate(const ColumnInput& input, const ColumnOutput& output,
                       std::vector<RowApart>& apart) {
  input_ = input;
  output_ = output;
  apart_ = &apart;
  width_ = 0;
  const auto parts_of = [](Span rows, size_t size, const auto& rate) {
    for (size_t begin = rows.begin; begin < rows.end; begin += size)
      rate(Span{begin, std::min(begin + size, rows.end)});
  };
  parts_of({0, input.rows}, kBlocks * kBlockRows, [&](Span rows) {
    if (!rate_blocks(rows)) parts_of(rows, kBlockRows, [this](Span block) { rate_block(block); });
  });
}

/// At the width at hand. Code in lanes takes whole vectors; the few rows behind the last one are
/// rated one by one.
bool ColumnRater::rate_blocks(Span rows) {
  if (!function_.code_) return false;
  while (width_ < kWide && !function_.code_->has(width_)) ++width_;
  const Span whole = vectors_of(rows);
  if (width_ == kWide || !rate_lanes(whole)) return false;
  for (size_t row = whole.end; row < rows.end; ++row) rate_row(row);
  return true;
}

void ColumnRater::rate_block(Span rows) {
  const Span whole = vectors_of(rows);
  if (!function_.code_ || !rate_vectors(whole)) return rate_parts(rows);
  for (size_t row = whole.end; row < rows.end; ++row) rate_row(row);
}

bool ColumnRater::rate_lanes(Span rows) {
  const uint32_t result = run(rows, width_);
  if ((result & NativeColumns::kFailed) != 0) return false;
  (width_ < NativeColumns::kDouble ? paths_.in_64_bits : paths_.in_pairs) += rows.end - rows.begin;
  if (result == 0) width_ = 0;
  return true;
}

/// From the width that the block before needed on. False where none of them is enough.
bool ColumnRater::rate_vectors(Span rows) {
  for (; width_ < kWide; ++width_)
    if (function_.code_->has(width_) && rate_lanes(rows)) return true;
  const uint32_t result = function_.code_->has(kWide) ? run(rows, kWide) : NativeColumns::kFailed;
  if ((result & NativeColumns::kNeeded) == 0) width_ = 0;
  if ((result & NativeColumns::kFailed) != 0) return false;
  paths_.in_128_bits += rows.end - rows.begin;
  return true;
}

/// In small parts, so that a row that does not fit takes few others with it.
void ColumnRater::rate_parts(Span rows) {
  for (size_t begin = rows.begin; begin < rows.end; begin += kPartRows) {
    const Span part{begin, std::min(begin + kPartRows, rows.end)};
    if (rate_wide(part)) continue;
    for (size_t row = part.begin; row < part.end; ++row) rate_row(row);
  }
}

bool ColumnRater::rate_wide(Span rows) {
  if (!function_.code_ || !function_.code_->has(kWide)) return false;
  if ((run(rows, kWide) & NativeColumns::kFailed) != 0) return false;
  paths_.in_128_bits += rows.end - rows.begin;
  return true;
}

uint32_t ColumnRater::run(Span rows, uint32_t width) {
  const ColumnShape& shape = function_.shape_;
  for (size_t i = 0; i < quantities_.size(); ++i)
    quantities_[i] = from_row(input_.quantities[i], shape.columns[i].type, rows.begin);
  for (size_t i = 0; i < codes_.size(); ++i)
    codes_[i] = from_row(input_.codes[i], shape.codes[i], rows.begin);
  for (size_t i = 0; i < line_places_.size(); ++i) line_places_[i] = output_.lines[i] + rows.begin;
  int64_t* const totals = shape.totals ? output_.totals + rows.begin : nullptr;
  return (*function_.code_)(quantities_.data(), codes_.data(), totals, line_places_.data(),
                            rows.end - rows.begin, width);
}

/// As a single quote is rated.
void ColumnRater::rate_row(size_t row) {
  ++paths_.by_row;
  usage_.clear();
  size_t code = 0;
  for (size_t i = 0; i < function_.shape_.columns.size(); ++i) {
    const UsageColumn& column = function_.shape_.columns[i];
    values_ = column.values;
    for (uint32_t& value : values_) {
      if (value != kByCode) continue;
      value =
          static_cast<uint32_t>(number_at(input_.codes[code], function_.shape_.codes[code], row));
      ++code;
    }
    usage_.add(
        column.meter, values_,
        Decimal{number_at(input_.quantities[i], column.type, row), static_cast<int>(column.scale)});
  }
  for (uint32_t pool = 0; pool < function_.shape_.available.size(); ++pool)
    usage_.add_available(pool, function_.shape_.available[pool]);
  RateInput* const input = usage_.bind();
  if (!input) {
    apart_->push_back({.row = row, .too_much_usage = true});
    return;
  }
  input->covered_days = function_.shape_.covered_days;
  input->period_days = function_.shape_.period_days;
  input->final = function_.shape_.final;
  RateOutput output{.lines = usage_.lines().data()};
  if (row_)
    (*row_)(*input, output);
  else
    interpret(*function_.program_, *input, output);
  if (output.fault != FaultKind::None) {
    apart_->push_back({.row = row, .fault = output.fault, .fault_line = output.fault_line});
    return;
  }
  for (size_t i = 0; i < line_places_.size(); ++i) output_.lines[i][row] = output.lines[i].amount;
  if (!fits_int64(output.total)) {
    apart_->push_back({.row = row, .total = output.total});
    return;
  }
  if (function_.shape_.totals) output_.totals[row] = static_cast<int64_t>(output.total);
}

}  // namespace toll::compiler
