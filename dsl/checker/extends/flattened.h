// Flattened: the text of a card with everything it extends, and the rows of its table files, worked
// in, and where each of its lines was written. It is read and checked like any other text; what is
// found in it is shown where it stands in the files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source.h"

namespace toll::dsl::checker {

class Flattened {
 public:
  /// `head`: the first line of the card that extends.
  explicit Flattened(Place head) : head_(head) {}

  /// A line as it was written, from its first blank on; `source` is its place, of the same length.
  void add(std::string_view line, Place source) { add(line, source, true); }

  /// A line that is put together; `source` is what the user wrote for it.
  void add_made(std::string_view line, Place source) { add(line, source, false); }

  /// A row of a table file, put together of pieces up to end_row(); `named` is the line of the card
  /// that names the file.
  void begin_row(Place named);
  /// A piece as it was written; `source` is its place, of the same length.
  void add_piece(std::string_view piece, Place source) { add_to_row({0, source, true}, piece); }
  /// The same of a piece that belongs to every row, and stands beside them in the header line.
  void add_common_piece(std::string_view piece, Place source) {
    add_to_row({0, source, true, /*common=*/true}, piece);
  }
  /// What stands between two of them.
  void add_made_piece(std::string_view piece, Place source) {
    add_to_row({0, source, false}, piece);
  }
  void end_row() { text_ += '\n'; }

  /// A line of a text that was flattened before, with all that is known of its pieces. REQUIRES:
  /// `line` begins where the line does.
  void add_from(const Flattened& other, Span line);

  const std::string& text() const { return text_; }
  const Place& head() const { return head_; }

  /// Where the user wrote what stands in these bytes of the text.
  Place original(Span span) const;
  /// The line of the card that names the table file whose row they begin in; null for other lines.
  const Place* named_by(Span span) const;

 private:
  /// A line, or a part of one.
  struct Piece {
    uint32_t begin;  ///< in the text
    Place source;
    bool verbatim;
    bool common = false;
    bool begins_line = true;
  };
  /// Rows that follow one another and come from one file.
  struct Table {
    uint32_t begin;              ///< in the text
    std::optional<Place> named;  ///< empty: here the rows are over
  };
  void add(std::string_view line, Place source, bool verbatim);
  void end_table();
  void add_to_row(Piece piece, std::string_view text);
  const Piece* piece_of(uint32_t offset) const;
  Place original(const Piece& piece, Span span) const;

  Place head_;
  std::string text_;
  std::vector<Piece> pieces_;
  std::vector<Table> tables_;
  bool begins_line_ = true;
};

}  // namespace toll::dsl::checker
