// The rows of a wide table, each a bill. Plain lines of a block are rated together, as columns; all
// others one by one, with care. Both give the same amounts, and only the careful one gives reasons.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "runtime/bulk/bill_rater.h"
#include "runtime/bulk/blocks.h"
#include "runtime/bulk/column_functions.h"
#include "runtime/bulk/plain_rows.h"
#include "runtime/bulk/rows.h"

namespace toll::runtime {

/// How rows go out.
struct OutputForm {
  TableFormat format = TableFormat::Csv;
  bool amounts = true;  ///< else only totals
};

/// Rates with buffers of its own; each thread has one.
class WideRows {
 public:
  /// All must outlive this.
  WideRows(const CardSet& cards, const UsageDocument& asked, const BoundUsage& bound,
           const TableColumns& columns, ColumnFunctions& functions, OutputForm form);

  /// Rates the lines of the block into its amounts, rejections and totals.
  void rate(Block& block);

 private:
  static constexpr size_t kByItself = ~size_t{0};
  struct Line {
    size_t number;
    std::string_view text;
    size_t row;  // of the columns, or kByItself
  };

  void read_lines(const Block& block);
  bool rate_columns();
  bool is_ordinary(std::string_view customer) const;
  void put(Block& block, const Line& line);
  std::string_view amount_text(Int128 total);
  std::expected<Int128, std::string> rate_line(std::string_view line);

  const TableColumns& columns_;
  ColumnFunctions& functions_;
  const OutputForm form_;
  const Currency currency_;
  const std::optional<std::string> only_customer_;
  const std::vector<std::string> with_deals_;  // customers, in order
  std::shared_ptr<const compiler::NativeFunction> native_;
  Rows rows_;
  BillRater rater_;
  std::string amount_;
  std::vector<Line> lines_;
  PlainRows plain_;
  const bool rows_cost_;  // also those of which nothing was used, where they are named
  std::vector<uint32_t> scales_;
  std::vector<int64_t> totals_;
  std::vector<compiler::RowApart> apart_;
  std::map<const compiler::ColumnFunction*, compiler::ColumnRater> raters_;
};

}  // namespace toll::runtime
