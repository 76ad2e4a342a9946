// Source text and places in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace toll::dsl {

/// One file as it was read. `path` is shown in diagnostics as given.
struct SourceFile {
  std::string path;
  std::string text;
  std::string unread = {};  ///< why it could not be read, and its text is empty: of table files
};

/// The last part of its path.
std::string base_name(const SourceFile& file);

/// Bytes [begin, end) of one file's text.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

/// A span of one of the files that were read together; `file` indexes them in the order given.
struct Place {
  uint32_t file = 0;
  Span span;
  friend bool operator==(const Place&, const Place&) = default;
};

/// Line and column, both from 1; the column counts code points.
struct LineColumn {
  uint32_t line = 1;
  uint32_t column = 1;
};

/// Linear in `offset`. An offset past the end is taken as the end.
LineColumn line_column(const SourceFile& file, uint32_t offset);

/// Where the lines of a text begin, for many look-ups in one text: O(log lines) each.
/// Immutable, so any number of threads may ask; does not refer to the text once built.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  /// The line that holds the byte, from 1. A line break belongs to the line it ends; an offset past
  /// the end belongs to the last line.
  uint32_t line(uint32_t offset) const;

  /// The bytes of a line without its line break (LF or CRLF).
  /// REQUIRES: 1 <= line <= the number of lines.
  Span bytes(uint32_t line) const;

 private:
  std::vector<Span> lines_;
};

}  // namespace toll::dsl
