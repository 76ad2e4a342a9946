// Records of an NDJSON table: an object of one line, whose values are strings, numbers, true, false
// or null. Numbers are not read as such: their text is the field.
#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toll::runtime {

struct JsonField {
  std::string_view name, value;
  bool is_string = false;
};

/// Takes records apart. Keeps its buffers from one to the next; not safe for use by several
/// threads.
class JsonRecord {
 public:
  /// The fields of a line in the order that they stand in, or why it is no such object. They point
  /// into the line or into this object, and are valid until the next call. REQUIRES: it is UTF-8.
  std::expected<std::span<const JsonField>, std::string> read(std::string_view line);

 private:
  bool read_field();
  bool read_string(std::string_view& text);
  bool read_escape(std::string& text);
  bool read_hex(char32_t& value);
  bool read_word(std::string_view& text);
  bool take(char c);
  void skip_spaces();

  std::string_view rest_;
  std::vector<JsonField> fields_;
  std::deque<std::string> unescaped_;  // strings that had escapes; a deque moves none
};

/// Appends a string with its quotes. REQUIRES: it is UTF-8.
void append_json_string(std::string& text, std::string_view value);

}  // namespace toll::runtime
