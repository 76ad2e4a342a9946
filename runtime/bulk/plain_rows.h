// Lines of a wide table that are nothing but fields without quotes and short quantities, or objects
// with such values in the order of the first one, read into columns. What is not as plain is read
// with care, and rated by itself: bulk/wide_rows.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bulk/columns.h"

namespace toll::runtime {

class PlainRows {
 public:
  PlainRows(const TableColumns& columns, TableFormat format);

  void clear();

  /// Adds the line as the next row; false, and nothing added, where it is not plain. A plain line
  /// is one that the careful path takes too, with the same quantities. `readable` is the end of the
  /// text that the line is part of. REQUIRES: it is UTF-8.
  bool add(std::string_view line, const char* readable);

  size_t rows() const { return rows_; }
  /// Of the line that was added last; empty where the table has no such column.
  std::string_view customer() const { return customer_; }

  /// Whether nothing was used of a column of that line.
  bool has_zero() const;

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
    bool whole = false;  ///< places are looked at with care
  };
  enum class Kind : uint8_t { Quantity, Customer, Kept };
  struct Field {
    Kind kind;
    char separator;    ///< that stands before it; 0 of the first one of a line of CSV
    std::string name;  ///< of an object, with its quotes
  };
  struct Cursor {
    const char* at;
    const char* end;
    const char* readable;
    bool take(char c) {
      const bool is_it = at != end && *at == c;
      at += is_it;
      return is_it;
    }
  };
  bool take_fields(Cursor& cursor);
  bool take_before(Cursor& cursor, const Field& field) const;
  bool take_quantity(Cursor& cursor, size_t usage);
  bool take_text(Cursor& cursor, const Field& field);
  void skip_text(Cursor& cursor) const;

  const bool is_json_;
  std::vector<Field> fields_;  // per column of the table
  std::vector<Column> usage_;
  size_t rows_ = 0;
  std::string_view customer_;
};

}  // namespace toll::runtime
