// What a route's handler is given and what it gives back, and the problem document (RFC 9457) that
// every error answer is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toll::http {

/// A header field or a path capture.
struct Field {
  std::string_view name;
  std::string_view value;

  friend bool operator==(const Field&, const Field&) = default;
};

/// One request, whole: its body has been received when a handler sees it. Everything in it is a
/// view into the connection and ends with the handler's return. The listener guarantees that `path`
/// and `query` are printable ASCII in which every '%' begins a pair of hexadecimal digits.
struct Request {
  std::string_view method = {};  ///< as the client spelled it: "GET", "POST"
  std::string_view path = {};    ///< as sent, percent-encoded, without the query
  std::string_view query = {};   ///< as sent, percent-encoded, without the '?'
  std::string_view body = {};    ///< without its transfer coding

  /// The peer's IP address. Forwarding headers are not believed.
  std::string_view remote_address = {};

  /// Who asks, in the word of the server's gate; empty without one.
  std::string_view caller = {};

  /// For whom, where one service has several sides that see nothing of each other; likewise.
  std::string_view tenant = {};

  /// In no order, values without surrounding spaces and, by the library, percent-decoded.
  std::span<const Field> headers = {};

  /// What the {name}s of the route's pattern stand for: decoded once, valid UTF-8.
  std::span<const Field> captures = {};

  /// The first field of that name, in any letter case.
  std::optional<std::string_view> header(std::string_view name) const;

  /// The part of the path that `{name}` of the route's pattern stands for; never empty.
  /// REQUIRES: the pattern has that name.
  std::string_view capture(std::string_view name) const;

  /// The first query parameter of that name, decoded ('+' is a space); one without '=' is empty.
  /// Decoded bytes may be anything: whoever gives them a meaning checks them.
  std::optional<std::string> parameter(std::string_view name) const;

  /// All query parameters, decoded, in the order sent.
  std::vector<std::pair<std::string, std::string>> parameters() const;
};

/// An answer. The listener adds Content-Length, Connection and their like itself; a status outside
/// 200..599, one of those among the headers, or a name or value that would break the framing (CR,
/// LF, NUL and other control characters) is a fault of the handler and answered with 500.
struct Response {
  int status = 200;
  std::string content_type = {};  ///< empty: text/plain if there is a body
  std::string body = {};          ///< not sent with 204, 304 and to HEAD
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// The phrase of RFC 9110 for a status, "Not Found"; empty for one it does not know.
std::string_view reason_phrase(int status);

/// An application/problem+json answer: `type` (a stable URN, or about:blank where the status says
/// it all), `title` (the status's phrase), `status` and `detail`, one sentence for the reader.
/// Bytes in `detail` that are not UTF-8 become U+FFFD.
Response problem(int status, std::string_view detail, std::string_view type = "about:blank");

}  // namespace toll::http
