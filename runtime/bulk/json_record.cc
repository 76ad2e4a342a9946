#include "runtime/bulk/json_record.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace toll::runtime {
namespace {

/// `-12.5e+3`, as RFC 8259 has numbers.
bool is_number(std::string_view text) {
  const auto digits = [&] {
    const size_t size = text.size();
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    return text.size() < size;
  };
  const auto take = [&](std::string_view any) {
    const bool is_it = !text.empty() && any.contains(text.front());
    if (is_it) text.remove_prefix(1);
    return is_it;
  };
  take("-");
  const bool zero = text.starts_with('0');
  const size_t size = text.size();
  if (!digits() || (zero && size - text.size() > 1)) return false;
  if (take(".") && !digits()) return false;
  if (take("eE")) {
    take("+-");
    if (!digits()) return false;
  }
  return text.empty();
}

void append_utf8(std::string& text, char32_t value) {
  const auto byte = [&](char32_t bits) { text += static_cast<char>(bits); };
  const auto rest = [&](int shift) { byte(0x80 | (value >> shift & 0x3F)); };
  if (value < 0x80) return byte(value);
  if (value < 0x800) return byte(0xC0 | value >> 6), rest(0);
  if (value < 0x10000) return byte(0xE0 | value >> 12), rest(6), rest(0);
  byte(0xF0 | value >> 18), rest(12), rest(6), rest(0);
}

}  // namespace

std::expected<std::span<const JsonField>, std::string> JsonRecord::read(std::string_view line) {
  fields_.clear();
  unescaped_.clear();
  rest_ = line;
  skip_spaces();
  if (!take('{')) return std::unexpected("the line is no JSON object");
  skip_spaces();
  if (!take('}')) {
    do {
      skip_spaces();
      if (!read_field())
        return std::unexpected(
            fmt::format("the line is no JSON object of strings and numbers: see its byte {}",
                        line.size() - rest_.size() + 1));
      skip_spaces();
    } while (take(','));
    if (!take('}')) return std::unexpected("the JSON object is not closed on its line");
  }
  skip_spaces();
  if (!rest_.empty()) return std::unexpected("the line goes on behind its JSON object");
  for (size_t i = 0; i < fields_.size(); ++i)
    if (std::ranges::count(fields_.begin(), fields_.begin() + static_cast<ptrdiff_t>(i),
                           fields_[i].name, &JsonField::name) > 0)
      return std::unexpected(fmt::format("`{}` stands twice", fields_[i].name));
  return std::span<const JsonField>(fields_);
}

bool JsonRecord::read_field() {
  JsonField field;
  if (!read_string(field.name)) return false;
  skip_spaces();
  if (!take(':')) return false;
  skip_spaces();
  field.is_string = rest_.starts_with('"');
  if (!(field.is_string ? read_string(field.value) : read_word(field.value))) return false;
  fields_.push_back(field);
  return true;
}

bool JsonRecord::read_string(std::string_view& text) {
  if (!take('"')) return false;
  const auto ends = [](char c) { return c == '"' || c == '\\' || static_cast<uint8_t>(c) < 0x20; };
  size_t end = static_cast<size_t>(std::ranges::find_if(rest_, ends) - rest_.begin());
  text = rest_.substr(0, end);
  rest_.remove_prefix(end);
  if (take('"')) return true;
  std::string& unescaped = unescaped_.emplace_back(text);
  while (!rest_.empty() && !rest_.starts_with('"')) {
    if (static_cast<uint8_t>(rest_.front()) < 0x20) return false;
    if (take('\\')) {
      if (!read_escape(unescaped)) return false;
      continue;
    }
    unescaped += rest_.front();
    rest_.remove_prefix(1);
  }
  text = unescaped;
  return take('"');
}

bool JsonRecord::read_escape(std::string& text) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
  if (rest_.empty()) return false;
  if (const size_t at = kEscapes.find(rest_.front()); at != kEscapes.npos) {
    text += kMeant[at];
    rest_.remove_prefix(1);
    return true;
  }
  char32_t value = 0;
  if (!take('u') || !read_hex(value)) return false;
  if (value >= 0xD800 && value < 0xDC00) {  // the first half of a pair
    char32_t low = 0;
    if (!take('\\') || !take('u') || !read_hex(low) || low < 0xDC00 || low > 0xDFFF) return false;
    value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
  } else if (value >= 0xDC00 && value <= 0xDFFF) {
    return false;
  }
  append_utf8(text, value);
  return true;
}

bool JsonRecord::read_hex(char32_t& value) {
  value = 0;
  for (int i = 0; i < 4; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (rest_.empty()) return false;
    const char c = rest_.front();
    const size_t digit = kDigits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    if (digit == kDigits.npos) return false;
    value = value << 4 | static_cast<char32_t>(digit);
    rest_.remove_prefix(1);
  }
  return true;
}

/// A number, true, false or null.
bool JsonRecord::read_word(std::string_view& text) {
  const size_t end = std::min(rest_.find_first_of(",} \t"), rest_.size());
  text = rest_.substr(0, end);
  if (text != "true" && text != "false" && text != "null" && !is_number(text)) return false;
  rest_.remove_prefix(end);
  return true;
}

bool JsonRecord::take(char c) {
  const bool is_it = rest_.starts_with(c);
  if (is_it) rest_.remove_prefix(1);
  return is_it;
}

void JsonRecord::skip_spaces() {
  while (rest_.starts_with(' ') || rest_.starts_with('\t')) rest_.remove_prefix(1);
}

void append_json_string(std::string& text, std::string_view value) {
  text += '"';
  for (const char c : value) {
    if (static_cast<uint8_t>(c) < 0x20) {
      text += fmt::format("\\u{:04x}", c);
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
}

}  // namespace toll::runtime
