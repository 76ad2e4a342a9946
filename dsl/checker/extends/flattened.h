// Flattened: the text of a card with everything it extends worked in, and where each of its lines
// was written. It is read and checked like any other text; what is found in it is shown where it
// stands in the files.
#pragma once

#include <cstdint>
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

  const std::string& text() const { return text_; }
  const Place& head() const { return head_; }

  /// Where the user wrote what stands in these bytes of the text.
  Place original(Span span) const;
  /// Whether the line they stand in is as it was written.
  bool is_verbatim(Span span) const;

 private:
  struct Line {
    uint32_t begin;  ///< in the text
    Place source;
    bool verbatim;
  };
  void add(std::string_view line, Place source, bool verbatim);
  const Line* line_of(Span span) const;

  Place head_;
  std::string text_;
  std::vector<Line> lines_;
};

}  // namespace toll::dsl::checker
