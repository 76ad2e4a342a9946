#include "dsl/checker/tables/csv.h"

#include <algorithm>

namespace toll::dsl::checker {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char c) { return c == ' '; }

}  // namespace

CsvReader::CsvReader(std::string_view text) : text_(text) {
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

bool CsvReader::next(CsvLine& line) {
  while (at_ < text_.size()) {
    const uint32_t begin = at_;
    const size_t line_feed = std::min(text_.find('\n', begin), text_.size());
    at_ = static_cast<uint32_t>(line_feed) + 1;
    uint32_t end = static_cast<uint32_t>(line_feed);
    if (end > begin && text_[end - 1] == '\r') --end;
    const std::string_view all = text_.substr(begin, end - begin);
    const size_t first = all.find_first_not_of(' ');
    if (first == all.npos || all[first] == '#') continue;
    line.span = {begin, end};
    line.fault.reset();
    line.cells.clear();
    read_cells(line);
    return true;
  }
  return false;
}

void CsvReader::read_cells(CsvLine& line) const {
  for (uint32_t at = line.span.begin;;) {
    const auto end = read_cell(at, line);
    if (!end || *end == line.span.end) return;
    at = *end + 1;  // behind the comma
  }
}

std::optional<uint32_t> CsvReader::read_cell(uint32_t at, CsvLine& line) const {
  uint32_t begin = at;
  while (begin < line.span.end && is_blank(text_[begin])) ++begin;
  if (begin < line.span.end && text_[begin] == '"') return read_quoted(begin, line);
  const std::string_view rest = text_.substr(begin, line.span.end - begin);
  const size_t comma = std::min(rest.find(','), rest.size());
  const uint32_t end = begin + static_cast<uint32_t>(comma);
  const size_t quote = rest.substr(0, comma).find('"');
  if (quote != rest.npos) {
    const uint32_t place = begin + static_cast<uint32_t>(quote);
    line.fault = {{place, place + 1}, "a quote stands inside a cell", "a cell holds no quotes"};
    return std::nullopt;
  }
  line.cells.push_back(cell(begin, end));
  return end;
}

std::optional<uint32_t> CsvReader::read_quoted(uint32_t quote, CsvLine& line) const {
  const std::string_view rest = text_.substr(0, line.span.end);
  const size_t closing = rest.find('"', quote + 1);
  if (closing == rest.npos) {
    line.fault = {{quote, line.span.end},
                  "this quote is not closed",
                  "close it before the end of the line; a cell stands on one line"};
    return std::nullopt;
  }
  uint32_t end = static_cast<uint32_t>(closing) + 1;
  while (end < line.span.end && is_blank(text_[end])) ++end;
  if (end < line.span.end && text_[end] != ',') {
    line.fault = {{end, end + 1},
                  "a quoted cell goes on behind its quote",
                  "put the closing quote before the comma; a cell holds no quotes"};
    return std::nullopt;
  }
  line.cells.push_back(cell(quote + 1, static_cast<uint32_t>(closing)));
  return end;
}

CsvCell CsvReader::cell(uint32_t begin, uint32_t end) const {
  while (begin < end && is_blank(text_[begin])) ++begin;
  while (end > begin && is_blank(text_[end - 1])) --end;
  return {text_.substr(begin, end - begin), {begin, end}};
}

}  // namespace toll::dsl::checker
