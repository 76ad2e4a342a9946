#include "dsl/checker/extends/flattened.h"

#include <algorithm>

namespace toll::dsl::checker {

void Flattened::add(std::string_view line, Place source, bool verbatim) {
  lines_.push_back({static_cast<uint32_t>(text_.size()), source, verbatim});
  text_.append(line).append("\n");
}

const Flattened::Line* Flattened::line_of(Span span) const {
  const auto after = std::ranges::upper_bound(lines_, span.begin, {}, &Line::begin);
  return after == lines_.begin() ? nullptr : &*std::prev(after);
}

bool Flattened::is_verbatim(Span span) const {
  const Line* line = line_of(span);
  return line && line->verbatim;
}

Place Flattened::original(Span span) const {
  const Line* found = line_of(span);
  if (!found) return head_;
  const Line& line = *found;
  if (!line.verbatim) return line.source;
  const auto moved = [&](uint32_t offset) {
    const uint32_t in_line = offset < line.begin ? 0 : offset - line.begin;
    return std::min(line.source.span.begin + in_line, line.source.span.end);
  };
  return {line.source.file, {moved(span.begin), moved(span.end)}};
}

}  // namespace toll::dsl::checker
