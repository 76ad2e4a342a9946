#include "http/parse/request_head.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include "http/parse/syntax.h"

namespace toll::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::unexpected<Refusal> refuse(int status, std::string detail) {
  return std::unexpected(Refusal{status, std::move(detail)});
}
std::unexpected<Refusal> malformed(std::string detail) { return refuse(400, std::move(detail)); }

Refusal target_too_long(const Limits& limits) {
  return {414,
          "path and query take more than " + std::to_string(limits.target_bytes_max) + " bytes"};
}

/// Cuts the next line off, without its end.
std::string_view take_line(std::string_view& bytes) {
  const size_t end = bytes.find(kLineEnd);
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + kLineEnd.size());
  return line;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::expected<void, Refusal> parse_version(std::string_view text, RequestHead& head) {
  const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                           text[6] == '.' && is_digit(text[7]);
  if (!well_formed) return malformed("the request line does not end in an HTTP version");
  if (text[5] != '1' || text[7] > '1') return refuse(505, "this service speaks HTTP/1.1");
  head.minor_version = text[7] - '0';
  return {};
}

/// Clients that take the service for a proxy send "http://host/path"; RFC 9112 wants it understood.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    const size_t end = rest.find_first_of("/?");
    if (end != 0 && end != std::string_view::npos && rest[end] == '/') return rest.substr(end);
  }
  return target;
}

std::expected<void, Refusal> parse_target(std::string_view target, const Limits& limits,
                                          RequestHead& head) {
  if (target.size() > limits.target_bytes_max) return std::unexpected(target_too_long(limits));
  const bool printable = std::ranges::all_of(
      target, [](char c) { return c > ' ' && c < 0x7f; });  // bytes from 0x80 on are negative
  if (!printable) {
    return malformed("the path holds characters that have to be percent-encoded");
  }
  if (target.contains('#')) return malformed("the path holds a fragment, which clients keep back");
  if (!is_percent_encoded(target)) {
    return malformed("the path holds a `%` that two hexadecimal digits do not follow");
  }
  if (target == "*" && head.method == "OPTIONS") {
    head.path = target;
    head.query = {};
    return {};
  }
  target = without_authority(target);
  if (!target.starts_with('/')) return malformed("the path does not begin with `/`");
  const size_t mark = target.find('?');
  head.path = target.substr(0, mark);
  head.query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  return {};
}

std::expected<void, Refusal> parse_request_line(std::string_view line, const Limits& limits,
                                                RequestHead& head) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return malformed("the request line is not a method, a path and an HTTP version");
  }
  head.method = line.substr(0, first);
  if (!is_token(head.method)) return malformed("the method holds characters that it may not");
  if (auto version = parse_version(line.substr(last + 1), head); !version) return version;
  return parse_target(line.substr(first + 1, last - first - 1), limits, head);
}

std::expected<Field, Refusal> parse_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') {
    return malformed("a header field continues on the next line");
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("a header line has no colon");
  const Field field{line.substr(0, colon), trim(line.substr(colon + 1))};
  if (!is_token(field.name))
    return malformed("the name of a header field holds characters that it may not");
  if (!is_field_value(field.value)) {
    return malformed("the value of header field `" + std::string(field.name) +
                     "` holds control characters");
  }
  return field;
}

std::expected<void, Refusal> read_content_length(std::string_view value, RequestHead& head) {
  if (head.content_length) return malformed("there are two Content-Length fields");
  uint64_t length = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, fault] = std::from_chars(value.data(), end, length);
  // from_chars takes no sign for an unsigned number; what is left is no digit.
  if (value.empty() || stop != end || fault == std::errc::invalid_argument) {
    return malformed("Content-Length is not a whole number");
  }
  if (fault == std::errc::result_out_of_range) {
    return refuse(413, "Content-Length is larger than any body may be");
  }
  head.content_length = length;
  return {};
}

std::expected<void, Refusal> read_transfer_encoding(std::string_view value, RequestHead& head) {
  if (head.chunked) return malformed("there are two Transfer-Encoding fields");
  if (!equal_ignoring_case(value, "chunked")) {
    return refuse(501, "the only transfer coding understood here is `chunked`");
  }
  if (head.minor_version == 0) return malformed("HTTP/1.0 has no Transfer-Encoding");
  head.chunked = true;
  return {};
}

/// What only the fields together decide.
struct Seen {
  bool host = false;
  bool close = false;
  bool keep_alive = false;
};

void read_connection(std::string_view value, Seen& seen) {
  for_each_element(value, [&](std::string_view option) {
    seen.close = seen.close || equal_ignoring_case(option, "close");
    seen.keep_alive = seen.keep_alive || equal_ignoring_case(option, "keep-alive");
  });
}

/// What a field means for the framing and for the connection. Names are told apart by length first:
/// most fields mean nothing here.
std::expected<void, Refusal> read_meaning(const Field& field, Seen& seen, RequestHead& head) {
  const auto named = [&](std::string_view name) { return equal_ignoring_case(field.name, name); };
  switch (field.name.size()) {
    case 4:
      if (!named("host")) return {};
      if (seen.host) return malformed("there are two Host fields");
      seen.host = true;
      return {};
    case 6:
      if (!named("expect")) return {};
      if (!equal_ignoring_case(field.value, "100-continue")) {
        return refuse(417, "the only expectation understood here is `100-continue`");
      }
      head.expects_continue = head.minor_version == 1;
      return {};
    case 10:
      if (named("connection")) read_connection(field.value, seen);
      return {};
    case 14:
      if (named("content-length")) return read_content_length(field.value, head);
      return {};
    case 16:
      if (!named("content-encoding") || equal_ignoring_case(field.value, "identity")) return {};
      return refuse(415, "compressed bodies are not accepted: send it without Content-Encoding");
    case 17:
      if (named("transfer-encoding")) return read_transfer_encoding(field.value, head);
      return {};
    default:
      return {};
  }
}

}  // namespace

std::expected<std::optional<size_t>, Refusal> HeadScanner::scan(std::string_view buffered) {
  while (scanned_ < buffered.size()) {
    const std::string_view rest = buffered.substr(scanned_);
    const size_t feed = rest.find('\n');
    if (feed == std::string_view::npos) {
      scanned_ = buffered.size();
      break;
    }
    const size_t end = scanned_ + feed;
    std::string_view line = buffered.substr(line_begin_, end - line_begin_);
    const bool ends_in_crlf = line.ends_with('\r');
    if (ends_in_crlf) line.remove_suffix(1);
    // Limits first, as for a line that has not arrived whole: the status is the same either way.
    if (auto refusal = check_line(line)) return std::unexpected(*std::move(refusal));
    if (!ends_in_crlf) return malformed("a line does not end in CR LF");
    scanned_ = line_begin_ = end + 1;
    // An empty line or two before a request are left over from clients that end a body with one.
    if (line.empty() && lines_ > 0) {
      if (scanned_ > limits_.head_bytes_max) break;
      return scanned_;
    }
    if (!line.empty()) ++lines_;
  }
  std::string_view begun = buffered.substr(line_begin_);
  if (begun.ends_with('\r')) begun.remove_suffix(1);  // perhaps half of the line's end
  if (auto refusal = check_line(begun)) return std::unexpected(*std::move(refusal));
  if (buffered.size() > limits_.head_bytes_max) {
    return refuse(431, "the header fields take more than " +
                           std::to_string(limits_.head_bytes_max) + " bytes together");
  }
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::check_line(std::string_view line_so_far) const {
  // The longest request line is a target between a method and a version, both short.
  constexpr size_t kAroundTarget = 64;
  if (lines_ == 0) {
    if (line_so_far.size() <= limits_.target_bytes_max + kAroundTarget) return std::nullopt;
    return target_too_long(limits_);
  }
  if (line_so_far.size() > limits_.field_bytes_max) {
    return Refusal{431, "a header field takes more than " +
                            std::to_string(limits_.field_bytes_max) + " bytes"};
  }
  if (!line_so_far.empty() && lines_ > limits_.fields_max) {
    return Refusal{431,
                   "there are more than " + std::to_string(limits_.fields_max) + " header fields"};
  }
  return std::nullopt;
}

std::expected<void, Refusal> parse_head(std::string_view bytes, const Limits& limits,
                                        RequestHead& head) {
  std::vector<Field> fields = std::move(head.fields);
  fields.clear();
  head = RequestHead{};
  head.fields = std::move(fields);

  while (bytes.starts_with(kLineEnd)) bytes.remove_prefix(kLineEnd.size());
  if (auto line = parse_request_line(take_line(bytes), limits, head); !line) return line;
  Seen seen;
  for (std::string_view line = take_line(bytes); !line.empty(); line = take_line(bytes)) {
    const auto field = parse_field(line);
    if (!field) return std::unexpected(field.error());
    if (auto meaning = read_meaning(*field, seen, head); !meaning) return meaning;
    head.fields.push_back(*field);
  }
  if (head.minor_version == 1 && !seen.host) return malformed("the Host field is missing");
  if (head.chunked && head.content_length) {
    return malformed("there are both Content-Length and Transfer-Encoding");
  }
  head.keep_alive = !seen.close && (head.minor_version == 1 || seen.keep_alive);
  return {};
}

}  // namespace toll::http
