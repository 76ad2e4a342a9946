#include "http/connection/connection.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include "http/parse/chunked.h"
#include "http/parse/syntax.h"

namespace toll::http {
namespace {

using std::chrono::milliseconds;

/// How long a client that was refused in the middle of a request is listened to.
constexpr milliseconds kFinishTime{1000};

/// A connection that once had a large body gives its memory back.
constexpr size_t kBodyBytesKept = 64 * 1024;

/// The head in use takes up to one limit, what arrives behind it has room for another one, and a
/// request begins in the lower half.
size_t buffer_capacity(const Limits& limits) { return 4 * limits.head_bytes_max + 1024; }

Refusal told(Broken broken) {
  if (broken == Broken::TimedOut) return {408, "the request arrives too slowly"};
  return {400, "the request ends in the middle"};
}

Refusal body_too_large(size_t bytes_max) {
  return {413, "the body takes more than " + std::to_string(bytes_max) + " bytes"};
}

Response to_response(const Refusal& refusal) {
  Response answer = problem(refusal.status, refusal.detail);
  answer.headers = refusal.headers;
  return answer;
}

/// The media type of a Content-Type value, without its parameters.
std::string_view media_type(std::string_view content_type) {
  return trim(content_type.substr(0, content_type.find(';')));
}

std::optional<Response> check_content_type(const RequestHead& head,
                                           const std::vector<std::string>& accepted) {
  if (accepted.empty() || !head.has_body()) return std::nullopt;
  const auto field = std::ranges::find_if(head.fields, [](const Field& candidate) {
    return equal_ignoring_case(candidate.name, "content-type");
  });
  const bool given = field != head.fields.end();
  std::string list;
  for (const std::string& type : accepted) {
    if (given && equal_ignoring_case(media_type(field->value), type)) return std::nullopt;
    list += (list.empty() ? "`" : " or `") + type + "`";
  }
  return problem(415, given ? "the body has to be of type " + list
                            : "Content-Type is missing: the body has to be of type " + list);
}

Response not_allowed(std::string_view method, std::string allowed) {
  if (method == "OPTIONS") return {204, "", "", {{"Allow", std::move(allowed)}}};
  Response answer = problem(405, "this path has " + allowed);
  answer.headers.emplace_back("Allow", std::move(allowed));
  return answer;
}

}  // namespace

Connection::Connection(const Shared& shared, int fd)
    : shared_(shared),
      fd_(fd),
      remote_address_(peer_address(fd)),
      capacity_(buffer_capacity(shared.limits)),
      buffer_(std::make_unique_for_overwrite<char[]>(capacity_)) {
  expect_soon(fd_);
}

void Connection::serve() {
  for (int left = shared_.limits.requests_per_connection_max; left > 0; --left) {
    if (begin_ == end_ && !wait_for_request()) return;
    if (!exchange(left == 1)) return;
  }
}

bool Connection::wait_for_request() {
  floor_ = begin_ = end_ = 0;
  if (!shared_.drain.raised()) {
    const auto got = receive_soon(fd_, buffer_.get(), capacity_);
    if (got) {
      end_ = *got;
      return true;
    }
    if (got.error() == Broken::Closed) return false;
  }
  const milliseconds left = std::max(shared_.limits.idle_time_max - kSoon, milliseconds{0});
  return wait_readable(fd_, shared_.drain.fd(), left) && fill(Clock::now()).has_value();
}

bool Connection::exchange(bool last) {
  if (auto head = read_head(); !head) return refuse(head.error());
  const auto route = choose_route();
  if (!route) {
    // A body that was not read hides where the next request begins.
    const bool hidden = head_.has_body();
    return conclude(route.error(), last || hidden, hidden ? kFinishTime : milliseconds{0});
  }
  if (auto body = read_body((*route)->options); !body) return refuse(body.error());
  const bool goes_on = conclude(handle(**route), last, milliseconds{0});
  if (body_buffer_.capacity() > kBodyBytesKept) body_buffer_ = std::string();
  return goes_on;
}

bool Connection::conclude(const Response& answer, bool last, milliseconds finish_time) {
  // Requests that have arrived already are answered even when the server is about to stop.
  const bool drains = shared_.drain.raised() && begin_ == end_;
  const bool closes = last || drains || !head_.keep_alive;
  if (!send(answer, closes)) return false;
  if (closes) finish(fd_, finish_time);
  return !closes;
}

std::expected<void, Refusal> Connection::read_head() {
  head_.method = {};  // until there is one, an answer is not to a HEAD
  floor_ = 0;
  if (begin_ > capacity_ / 2) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  HeadScanner scanner(shared_.limits);
  std::optional<Clock::time_point> deadline;
  for (;;) {
    const auto length = scanner.scan(buffered());
    if (!length) return std::unexpected(length.error());
    if (*length) {
      const std::string_view bytes = buffered().substr(0, **length);
      begin_ += **length;
      floor_ = begin_;
      return parse_head(bytes, shared_.limits, head_);
    }
    if (!deadline) deadline = Clock::now() + shared_.limits.head_time_max;
    if (auto filled = fill(*deadline); !filled) return filled;
  }
}

std::expected<const Route*, Response> Connection::choose_route() {
  const std::string_view method = head_.method;
  if (!is_known_method(method)) {
    return std::unexpected(problem(501, "this service does not know the method"));
  }
  if (head_.path == "*") {
    return std::unexpected(not_allowed(method, shared_.router.allowed_anywhere()));
  }
  if (const auto refusal = path_.assign(head_.path)) return std::unexpected(to_response(*refusal));
  const Route* const route = shared_.router.find(method, path_.segments(), captures_);
  if (!route) {
    std::string allowed = shared_.router.allowed(path_.segments());
    if (allowed.empty()) return std::unexpected(problem(404, "there is nothing at this path"));
    return std::unexpected(not_allowed(method, std::move(allowed)));
  }
  if (auto answer = check_content_type(head_, route->options.content_types)) {
    return std::unexpected(*std::move(answer));
  }
  return route;
}

std::expected<void, Refusal> Connection::read_body(const RouteOptions& options) {
  const size_t bytes_max =
      options.body_bytes_max > 0 ? options.body_bytes_max : shared_.limits.body_bytes_max;
  if (head_.chunked) return read_chunked_body(bytes_max);
  body_ = {};
  const uint64_t length = head_.content_length.value_or(0);
  if (length == 0) return {};
  if (length > bytes_max) return std::unexpected(body_too_large(bytes_max));
  return read_measured_body(static_cast<size_t>(length));
}

std::expected<void, Refusal> Connection::read_measured_body(size_t length) {
  if (buffered().size() >= length) {
    body_ = buffered().substr(0, length);
    begin_ += length;
    return {};
  }
  if (auto invited = invite_body(); !invited) return invited;
  // Memory of this size is the client's word only until it is written to.
  body_buffer_.reserve(length);
  body_buffer_ = buffered();
  begin_ = end_ = floor_;
  const Pace pace(shared_.limits);
  while (body_buffer_.size() < length) {
    const size_t have = body_buffer_.size();
    std::expected<size_t, Broken> got = 0;
    body_buffer_.resize_and_overwrite(length, [&](char* bytes, size_t) {
      got = receive(fd_, bytes + have, length - have, pace.deadline(have));
      return have + got.value_or(0);
    });
    if (!got) return std::unexpected(told(got.error()));
  }
  body_ = body_buffer_;
  return {};
}

std::expected<void, Refusal> Connection::read_chunked_body(size_t bytes_max) {
  if (auto invited = invite_body(); !invited) return invited;
  ChunkedDecoder decoder(bytes_max, shared_.limits);
  const Pace pace(shared_.limits);
  body_buffer_.clear();
  for (;;) {
    const auto used = decoder.decode(buffered(), body_buffer_);
    if (!used) return std::unexpected(used.error());
    begin_ += *used;
    if (decoder.done()) break;
    if (auto filled = fill(pace.deadline(body_buffer_.size())); !filled) return filled;
  }
  body_ = body_buffer_;
  return {};
}

std::expected<void, Refusal> Connection::invite_body() {
  if (!head_.expects_continue || begin_ != end_) return {};
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  std::array<iovec, 1> pieces = {{{const_cast<char*>(kContinue.data()), kContinue.size()}}};
  const auto sent = send_all(fd_, pieces, shared_.limits);
  if (!sent) return std::unexpected(told(sent.error()));
  return {};
}

Response Connection::handle(const Route& route) {
  const Request request{
      .method = head_.method,
      .path = head_.path,
      .query = head_.query,
      .body = body_,
      .remote_address = remote_address_,
      .headers = head_.fields,
      .captures = captures_,
  };
  std::string fault;
  try {
    Response answer = route.handler(request);
    if (const auto found = fault_of(answer)) {
      fault = *found;
    } else {
      return answer;
    }
  } catch (const std::exception& error) {
    fault = std::string("the handler threw: ") + error.what();
  } catch (...) {
    fault = "the handler threw something that is no exception";
  }
  shared_.log(route.method + " " + route.pattern + ": " + fault);
  return problem(500, "the service failed on this request");
}

bool Connection::send(const Response& answer, bool closes) {
  const AnswerContext context{head_.method == "HEAD", head_.minor_version, closes};
  write_head(answer, context, out_);
  std::array<iovec, 2> pieces = {{{out_.data(), out_.size()}, {}}};
  if (sends_body(answer, context)) {
    pieces[1] = {const_cast<char*>(answer.body.data()), answer.body.size()};
  }
  return send_all(fd_, pieces, shared_.limits).has_value();
}

bool Connection::refuse(const Refusal& refusal) {
  send(to_response(refusal), /*closes=*/true);
  finish(fd_, kFinishTime);
  return false;
}

std::expected<void, Refusal> Connection::fill(Clock::time_point deadline) {
  if (begin_ == end_) {
    begin_ = end_ = floor_;
  } else if (end_ == capacity_) {
    std::memmove(buffer_.get() + floor_, buffer_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, floor_) - floor_;
  }
  const auto got = receive(fd_, buffer_.get() + end_, capacity_ - end_, deadline);
  if (!got) return std::unexpected(told(got.error()));
  end_ += *got;
  return {};
}

}  // namespace toll::http
