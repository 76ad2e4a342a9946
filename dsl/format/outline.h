// What each line is part of, by its first words alone.
//
// This is the formatter's own reading of the structure. It knows the words that open a block and
// those that are items of a card; every other line belongs to what is open.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dsl/scan/line.h"

namespace toll::dsl::formatting {

enum class Role : uint8_t { Opening, Declaration, Header, Item, Body };

struct Standing {
  Role role = Role::Body;
  uint32_t depth = 0;  ///< levels of indentation
  bool row = false;    ///< of a price table, or a value of a dimension
};

/// Walks the statements of one file from top to bottom.
class Outline {
 public:
  /// REQUIRES: tokens are not empty.
  Standing next(std::span<const scan::Token> tokens);

 private:
  bool is_row(std::span<const scan::Token> tokens) const;
  Standing declare(std::string_view keyword);
  Standing item(std::span<const scan::Token> tokens);

  enum class Block : uint8_t { None, Card, Dimension, Other } block_ = Block::None;
  bool in_header_ = false;
  bool in_plan_ = false;
  bool has_rows_ = false;  ///< the open block is a table of prices
  uint32_t body_depth_ = 0;
};

/// The order in which a card's header lines stand, by their first word.
uint32_t header_rank(std::string_view keyword);

}  // namespace toll::dsl::formatting
