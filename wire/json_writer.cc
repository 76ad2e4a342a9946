#include "wire/json_writer.h"

#include <array>
#include <charconv>

#include "wire/text/utf8.h"

namespace toll::wire {
namespace {

/// Bytes that stand for themselves between the quotes of a JSON string.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[static_cast<uint8_t>(c) >> 4];
      out += kDigits[static_cast<uint8_t>(c) & 0xF];
  }
}

void append_text(std::string& out, std::string_view text) {
  size_t begin = 0, end = 0;  // what is not written yet and stands for itself
  while (end < text.size()) {
    if (kPlain[static_cast<uint8_t>(text[end])]) {
      ++end;
      continue;
    }
    const CodePoint character = decode_utf8(text, end);
    if (character.valid && character.bytes > 1) {
      end += character.bytes;
      continue;
    }
    out += text.substr(begin, end - begin);
    if (character.valid)
      append_escaped(out, text[end]);
    else
      out += kReplacement;
    begin = end += character.bytes;
  }
  out += text.substr(begin);
}

}  // namespace

void JsonWriter::separate() {
  if (out_.size() == start_) return;
  // A text ends with a quote, so these three can only be what they look like.
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  out_ += '"';
  append_text(out_, value);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::number(int64_t value) {
  separate();
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out_.append(digits.data(), end);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::json(std::string_view value) {
  separate();
  out_ += value;
  return *this;
}

JsonWriter& JsonWriter::null() {
  separate();
  out_ += "null";
  return *this;
}

}  // namespace toll::wire
