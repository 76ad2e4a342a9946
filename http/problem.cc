// Problem documents, written by hand: five members and one way to escape a text need no library.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/library/cpp_httplib.h"
#include "http/message.h"
#include "http/text/syntax.h"

namespace toll::http {
namespace {

/// One character of valid UTF-8 or one byte, which is then a control character or ASCII.
void append_character(std::string_view character, std::string& out) {
  const auto byte = static_cast<uint8_t>(character.front());
  if (byte < 0x20 || byte == 0x7f) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    return;
  }
  if (byte == '"' || byte == '\\') out += '\\';
  out += character;
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD
    } else {
      append_character(text.substr(0, length), out);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  out += '"';
}

}  // namespace

std::string_view reason_phrase(int status) {
  // The library has one for every number: that of 500 for those it does not know.
  const std::string_view phrase = httplib::status_message(status);
  const bool unknown = phrase == "Internal Server Error" && status != 500;
  return unknown ? std::string_view{} : phrase;
}

Response problem(int status, std::string_view detail, std::string_view type) {
  std::string body = "{\"type\":";
  append_json_string(type, body);
  body += ",\"title\":";
  append_json_string(reason_phrase(status), body);
  body += fmt::format(",\"status\":{},\"detail\":", status);
  append_json_string(detail, body);
  body += '}';
  return {status, "application/problem+json", std::move(body)};
}

}  // namespace toll::http
