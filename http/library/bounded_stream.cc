#include "http/library/bounded_stream.h"

namespace toll::http {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::seconds;

time_t whole_seconds(microseconds time) { return duration_cast<seconds>(time).count(); }
time_t rest_of_second(microseconds time) { return (time % seconds{1}).count(); }

}  // namespace

BoundedStream::BoundedStream(socket_t socket, const Limits& limits)
    : limits_(limits),
      inner_(socket, whole_seconds(limits.request_time_max),
             rest_of_second(limits.request_time_max), whole_seconds(limits.answer_time_max),
             rest_of_second(limits.answer_time_max)) {}

void BoundedStream::begin_request() {
  request_end_.reset();
  answer_end_.reset();
  head_bytes_left_ = limits_.head_bytes_max;
}

void BoundedStream::hurry(std::chrono::milliseconds time) {
  request_end_ = Clock::now() + time;
  end_head();
}

/// Lets the next wait last as long as the request may still take; false if that is over.
bool BoundedStream::prepare_wait() {
  const auto now = Clock::now();
  if (!request_end_) request_end_ = now + limits_.request_time_max;
  // The library waits for whole milliseconds and rounds them down: too early is not late.
  const microseconds left = std::chrono::ceil<std::chrono::milliseconds>(*request_end_ - now);
  if (left <= microseconds{0}) return false;
  inner_.set_read_timeout(whole_seconds(left), rest_of_second(left));
  return true;
}

ssize_t BoundedStream::read(char* bytes, size_t size) {
  if (!inner_.is_readable()) {
    answer_end_.reset();
    if (!prepare_wait()) {
      late_ = true;
      return -1;
    }
  }
  const ssize_t got = inner_.read(bytes, size);
  if (got < 0) late_ = inner_.get_error() == httplib::Error::Timeout;
  if (got <= 0) return got;
  if (static_cast<size_t>(got) > head_bytes_left_) {
    head_too_large_ = true;
    return -1;
  }
  head_bytes_left_ -= static_cast<size_t>(got);
  return got;
}

ssize_t BoundedStream::write(const char* bytes, size_t size) {
  const auto now = Clock::now();
  if (!answer_end_) answer_end_ = now + limits_.answer_time_max;
  return now < *answer_end_ ? inner_.write(bytes, size) : -1;
}

}  // namespace toll::http
