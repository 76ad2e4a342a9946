// Lines of a CSV file as RFC 4180 has them, and narrower: docs/decisions/rows-from-files.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dsl/source.h"

namespace toll::dsl::checker {

/// What stands between two commas, without its quotes and the blanks around it: always a piece of
/// the file as it stands there.
struct CsvCell {
  std::string_view text;
  Span span;
};

/// Why a line is none of a CSV file.
struct CsvFault {
  Span span;
  std::string_view message, help;
};

struct CsvLine {
  std::vector<CsvCell> cells;
  Span span;                      ///< without the line break
  std::optional<CsvFault> fault;  ///< then the cells are not all there
};

/// Reads one line after the other, without blank lines and comments. The text has to outlive it.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);

  /// The next line into `line`, whose memory is used again; false after the last one.
  bool next(CsvLine& line);

 private:
  void read_cells(CsvLine& line) const;
  /// Reads the cell that begins at `at`; where it ends, or nothing, and a fault.
  std::optional<uint32_t> read_cell(uint32_t at, CsvLine& line) const;
  std::optional<uint32_t> read_quoted(uint32_t quote, CsvLine& line) const;
  CsvCell cell(uint32_t begin, uint32_t end) const;

  std::string_view text_;
  uint32_t at_ = 0;
};

}  // namespace toll::dsl::checker
