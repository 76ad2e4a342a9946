#include "dsl/format/columns.h"

#include <algorithm>
#include <map>

#include "dsl/scan/unicode.h"

namespace toll::dsl::formatting {
namespace {

constexpr uint32_t kBounds = 1u << 16;  // the columns from here on are bounds

bool ends_keys(const Word& word) {
  return word.text == "up" || word.text == "beyond" || word.text == "at" || word.text == "free";
}
bool is_price(const Word& word) { return word.text == "at" || word.text == "free"; }

/// The words up to `end`, cut behind every comma.
void cut_list(std::span<const Word> words, uint32_t first_column, Cells& out) {
  size_t begin = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i].text != "," && i + 1 < words.size()) continue;
    out.cells.push_back({first_column++, joined(words.subspan(begin, i + 1 - begin))});
    begin = i + 1;
  }
}

Cells cut_prices(std::span<const Word> words) {
  Cells result;
  const auto keys_end = std::ranges::find_if(words, ends_keys);
  const auto price = std::find_if(keys_end, words.end(), is_price);
  cut_list({words.begin(), keys_end}, 0, result);
  cut_list({keys_end, price}, kBounds, result);
  result.rest = joined({price, words.end()});
  return result;
}

/// The first `count` parts of `ends` words each as cells, what is left as the last cell or the
/// rest.
Cells cut_at(std::span<const Word> words, std::initializer_list<size_t> ends, bool has_rest) {
  Cells result;
  size_t begin = 0;
  uint32_t column = 0;
  for (size_t end : ends) {
    end = std::min(end, words.size());
    if (end == begin) break;
    result.cells.push_back({column++, joined(words.subspan(begin, end - begin))});
    begin = end;
  }
  if (has_rest) result.rest = joined(words.subspan(begin));
  return result;
}

/// `meter tokens` `sums` `token` `by model`; of others than these no more than the name.
Cells cut_meter(std::span<const Word> words) {
  const bool regular = words.size() == 4 || (words.size() > 4 && words[4].text == "by");
  if (regular) return cut_at(words, {2, 3, 4}, true);
  return cut_at(words, {2, words.size()}, false);
}

Cells cut_take(std::span<const Word> words) {
  const auto as = std::ranges::find(words, "as", &Word::text);
  return cut_at(words, {static_cast<size_t>(as - words.begin())}, true);
}

/// `peak` `Mon-Fri` `08:00-20:00` and `short` `up to 200,000`
Cells cut_value(std::span<const Word> words) {
  const bool hours = words.size() == 3 && words[2].text.contains(':');
  return hours ? cut_at(words, {1, 2}, true) : cut_at(words, {1, words.size()}, false);
}

void pad(std::string& text, size_t columns) {
  text.append(columns - std::min(columns, display_width(text)), ' ');
}

std::string plain(const Cells& line) {
  std::string text;
  for (const Cells::Cell& cell : line.cells) text += (text.empty() ? "" : " ") + cell.text;
  if (!line.rest.empty()) text += (text.empty() ? "" : " ") + line.rest;
  return text;
}

std::string before_rest(const Cells& line, const std::map<uint32_t, size_t>& widths) {
  std::string text;
  for (size_t i = 0; i < line.cells.size(); ++i) {
    std::string cell = line.cells[i].text;
    if (i + 1 < line.cells.size()) pad(cell, widths.at(line.cells[i].column));
    text += (i > 0 ? " " : "") + cell;
  }
  return text;
}

}  // namespace

Cells cut(Table table, std::span<const Word> words) {
  switch (table) {
    case Table::Prices:
      return cut_prices(words);
    case Table::Values:
      return cut_value(words);
    case Table::Meters:
      return cut_meter(words);
    case Table::Takes:
      return cut_take(words);
    case Table::None:
      break;
  }
  return {{}, joined(words)};
}

std::vector<std::string> aligned(std::span<const Cells> lines) {
  std::map<uint32_t, size_t> widths;
  size_t total = 0;
  for (const Cells& line : lines)
    for (size_t i = 0; i + 1 < line.cells.size(); ++i) {
      size_t& width = widths[line.cells[i].column];
      const size_t wider = std::max(width, display_width(line.cells[i].text));
      total += wider - width;
      width = wider;
    }

  std::vector<std::string> texts;
  if (total <= kColumnMax)
    for (const Cells& line : lines) texts.push_back(before_rest(line, widths));
  size_t rest_at = 0;
  for (size_t i = 0; i < texts.size(); ++i)
    if (!lines[i].rest.empty()) rest_at = std::max(rest_at, display_width(texts[i]));
  if (texts.empty() || rest_at > kColumnMax) {
    texts.clear();
    for (const Cells& line : lines) texts.push_back(plain(line));
    return texts;
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].rest.empty()) continue;
    // What has nothing before it stays where the line begins: blanks there are its indentation.
    const bool begins = texts[i].empty();
    if (!begins) pad(texts[i], rest_at);
    texts[i] += (begins ? "" : " ") + lines[i].rest;
  }
  return texts;
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    const scan::CodePoint c = scan::decode(text, at);
    width += static_cast<size_t>(scan::display_width(c.value));
    at += c.length;
  }
  return width;
}

}  // namespace toll::dsl::formatting
