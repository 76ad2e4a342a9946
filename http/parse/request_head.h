// The strict reader of a request's head: the request line and the header fields.
//
// Two programs that read the same bytes differently are what request smuggling is made of, so a
// head has one meaning or none. Refused are, among others: lines that do not end in CR LF, fields
// that continue on the next line, spaces before a colon, control characters, a length that is no
// plain number, two lengths, a length beside a transfer coding, and any coding but `chunked`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/parse/refusal.h"
#include "http/server.h"

namespace toll::http {

/// Finds the end of a head in bytes that arrive piece by piece, and refuses one that is too large
/// or has a bad line end as soon as that can be seen.
class HeadScanner {
 public:
  explicit HeadScanner(const Limits& limits) : limits_(limits) {}

  /// `buffered` is all that has arrived since the head began; it only ever grows. The value is the
  /// length of the head with its empty line, or nothing while that has not arrived.
  std::expected<std::optional<size_t>, Refusal> scan(std::string_view buffered);

 private:
  std::optional<Refusal> check_line(std::string_view line_so_far) const;

  const Limits& limits_;
  size_t line_begin_ = 0;
  size_t scanned_ = 0;
  size_t lines_ = 0;  ///< finished ones, the request line included
};

/// A request's head, as views into the bytes it was read from.
struct RequestHead {
  std::string_view method;
  std::string_view path;  ///< begins with '/'; or "*", for OPTIONS only
  std::string_view query;
  std::vector<Field> fields;
  std::optional<uint64_t> content_length;
  bool chunked = false;
  int minor_version = 1;  ///< HTTP/1.0 or HTTP/1.1
  bool keep_alive = true;
  bool expects_continue = false;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// Reads one head. `head` is overwritten (a parameter, so that a connection keeps the memory of its
/// fields), and unspecified after a refusal. REQUIRES: `bytes` is what HeadScanner measured.
std::expected<void, Refusal> parse_head(std::string_view bytes, const Limits& limits,
                                        RequestHead& head);

}  // namespace toll::http
