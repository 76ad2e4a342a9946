#include "http/connection/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <iterator>
#include <string_view>

#include "http/parse/syntax.h"

namespace toll::http {
namespace {

/// What the listener alone may say: the framing and the life of the connection.
constexpr std::string_view kReserved[] = {
    "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Date", "Content-Type"};

void append_number(uint64_t number, std::string& out) {
  char digits[20];
  const auto [end, fault] = std::to_chars(digits, std::end(digits), number);
  out.append(digits, end);
}

/// "Sun, 06 Nov 1994 08:49:37 GMT", formatted once a second and thread. Not by strftime, whose
/// names depend on the locale.
std::string_view http_date() {
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  thread_local std::time_t written = -1;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != written) {
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    text =
        fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                    kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    written = now;
  }
  return text;
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

bool status_forbids_body(int status) { return status == 204 || status == 304; }

}  // namespace

std::optional<std::string> fault_of(const Response& answer) {
  if (answer.status < 200 || answer.status > 599) {
    return fmt::format("an answer has status {}", answer.status);
  }
  if (!is_field_value(answer.content_type)) {
    return "the content type of an answer holds control characters";
  }
  for (const auto& [name, value] : answer.headers) {
    if (!is_token(name)) return "a header field of an answer has a name that HTTP does not allow";
    if (!is_field_value(value)) {
      return fmt::format("header field {} of an answer holds control characters", name);
    }
    const bool reserved = std::ranges::any_of(
        kReserved, [&](std::string_view taken) { return equal_ignoring_case(taken, name); });
    if (reserved) return fmt::format("an answer sets header field {} itself", name);
  }
  return std::nullopt;
}

bool sends_body(const Response& answer, const AnswerContext& context) {
  return !context.to_head && !status_forbids_body(answer.status);
}

void write_head(const Response& answer, const AnswerContext& context, std::string& out) {
  out = "HTTP/1.1 ";
  append_number(static_cast<uint64_t>(answer.status), out);
  out += ' ';
  out += reason_phrase(answer.status);
  out += "\r\n";
  append_field("Date", http_date(), out);
  if (!answer.content_type.empty()) append_field("Content-Type", answer.content_type, out);
  if (!status_forbids_body(answer.status)) {
    out += "Content-Length: ";
    append_number(answer.body.size(), out);
    out += "\r\n";
  }
  if (context.closes) {
    append_field("Connection", "close", out);
  } else if (context.minor_version == 0) {
    append_field("Connection", "keep-alive", out);
  }
  for (const auto& [name, value] : answer.headers) append_field(name, value, out);
  out += "\r\n";
}

}  // namespace toll::http
