#include "dsl/source.h"

#include <algorithm>

#include "dsl/scan/unicode.h"

namespace toll::dsl {

std::string base_name(const SourceFile& file) {
  return file.path.substr(file.path.rfind('/') + 1);  // of all, where there is none
}

LineColumn line_column(const SourceFile& file, uint32_t offset) {
  std::string_view text = file.text;
  size_t end = std::min<size_t>(offset, text.size());
  size_t line_begin = text.starts_with(scan::kByteOrderMark) ? scan::kByteOrderMark.size() : 0;
  LineColumn result;
  for (size_t i = 0; i < end; ++i) {
    if (text[i] != '\n') continue;
    ++result.line;
    line_begin = i + 1;
  }
  for (size_t i = line_begin; i < end; i += scan::decode(text, i).length) ++result.column;
  return result;
}

LineIndex::LineIndex(std::string_view text) {
  size_t begin = 0;
  while (true) {
    size_t line_feed = text.find('\n', begin);
    size_t end = std::min(line_feed, text.size());
    bool crlf = line_feed != text.npos && end > begin && text[end - 1] == '\r';
    lines_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(crlf ? end - 1 : end)});
    if (line_feed == text.npos) return;
    begin = line_feed + 1;
  }
}

uint32_t LineIndex::line(uint32_t offset) const {
  auto after =
      std::upper_bound(lines_.begin(), lines_.end(), offset,
                       [](uint32_t value, const Span& line) { return value < line.begin; });
  return static_cast<uint32_t>(after - lines_.begin());  // the first line begins at 0
}

Span LineIndex::bytes(uint32_t line) const { return lines_[line - 1]; }

}  // namespace toll::dsl
