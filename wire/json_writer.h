// Writes JSON text in the order in which it is told to.
//
//   JsonWriter json(out);
//   json.begin_object().text("card", card).key("lines").begin_array();
//   ...
//   json.end_array().end_object();
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace toll::wire {

/// Appends to a string that the caller owns; commas come by themselves. Texts may be any bytes:
/// what is not UTF-8 is written as U+FFFD. Allocates nothing but the string's own growth. REQUIRES:
/// calls nest as JSON does, and names are printable ASCII without quotes or backslashes.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), start_(out.size()) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  /// The name of the value that comes next.
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);
  JsonWriter& number(int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& json(std::string_view value);  ///< REQUIRES: it is one JSON value

  JsonWriter& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonWriter& number(std::string_view name, int64_t value) { return key(name).number(value); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string& out_;
  const size_t start_;
};

}  // namespace toll::wire
