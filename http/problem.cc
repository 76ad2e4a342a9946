// Problem documents, written by hand: five members and one way to escape a text need no library.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/parse/syntax.h"

namespace toll::http {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};

// RFC 9110, section 15, RFC 6585 and, for 507, RFC 4918. In order of status.
constexpr Phrase kPhrases[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};
static_assert(std::ranges::is_sorted(kPhrases, {}, &Phrase::status));

/// One character of valid UTF-8 or one byte, which is then a control character or ASCII.
void append_character(std::string_view character, std::string& out) {
  const auto byte = static_cast<uint8_t>(character.front());
  switch (byte) {
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
      break;
  }
  if (byte < 0x20 || byte == 0x7f) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
  } else {
    out += character;
  }
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
  const Phrase* const phrase = std::ranges::lower_bound(kPhrases, status, {}, &Phrase::status);
  return phrase != std::end(kPhrases) && phrase->status == status ? phrase->text
                                                                  : std::string_view{};
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
