// Lines that stand below one another as a table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dsl/format/wording.h"

namespace toll::dsl::formatting {

/// What kind of table a line can be part of.
enum class Table : uint8_t { None, Prices, Values, Meters, Takes };

/// A line cut into cells. `column` orders the kinds of cells: keys first, then bounds.
struct Cells {
  struct Cell {
    uint32_t column = 0;
    std::string text;
  };
  std::vector<Cell> cells;
  std::string rest;  ///< begins at one column in all lines: `at ...`; may be empty
};

Cells cut(Table table, std::span<const Word> words);

/// One text for each line. A cell is padded to the widest of its column among those that another
/// cell follows, and the rests are padded to one column, but where nothing stands before one. Lines
/// that would become wider than kColumnMax before their rest are not padded.
std::vector<std::string> aligned(std::span<const Cells> lines);

inline constexpr size_t kColumnMax = 200;

/// Columns of a terminal that the text takes.
size_t display_width(std::string_view text);

}  // namespace toll::dsl::formatting
