// Lines of a wide table that are nothing but fields without quotes and short quantities, read into
// columns. What is not as plain is read with care, and rated by itself: bulk/wide_rows.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/bulk/columns.h"

namespace toll::runtime {

class PlainRows {
 public:
  explicit PlainRows(const TableColumns& columns);

  void clear();

  /// Adds the line as the next row; false, and nothing added, where it is not plain. A plain line
  /// is one that the careful path takes too, with the same quantities. REQUIRES: it is UTF-8.
  bool add(std::string_view line);

  size_t rows() const { return rows_; }
  /// Of the line that was added last; empty where the table has no such column.
  std::string_view customer() const { return customer_; }

  /// Brings each column to one number of decimal places, and says which. False where a quantity
  /// does not fit 64 bits then.
  bool align(std::vector<uint32_t>& scales);

  /// Per usage column, in 10^-scale.
  std::vector<const int64_t*> columns() const;

 private:
  struct Column {
    std::vector<int64_t> quantities;
    std::vector<uint8_t> places;  // of each
    uint8_t least = 0, most = 0;
  };
  enum class Field : uint8_t { Quantity, Customer, Kept };

  std::vector<Field> fields_;  // per column of the table
  std::vector<Column> usage_;
  size_t rows_ = 0;
  std::string_view customer_;
};

}  // namespace toll::runtime
