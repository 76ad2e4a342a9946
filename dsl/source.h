// Source text and places in it.
#pragma once

#include <cstdint>
#include <string>

namespace toll::dsl {

/// One file as it was read. `path` is shown in diagnostics as given.
struct SourceFile {
  std::string path;
  std::string text;
};

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

LineColumn line_column(const SourceFile& file, uint32_t offset);

}  // namespace toll::dsl
