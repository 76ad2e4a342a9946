#include "http/library/bounded_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "http/library/request_threads.h"

namespace toll::http {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Of an answer that is a stream: what waits to be sent before its client is waited for. A client
/// that sends a whole batch of a few MiB before it reads is then served as well.
constexpr size_t kUnsentMax = size_t{8} << 20;

time_t whole_seconds(microseconds time) { return duration_cast<seconds>(time).count(); }
time_t rest_of_second(microseconds time) { return (time % seconds{1}).count(); }

bool is_try_again(ssize_t result) {
  return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/// A second for each KiB that went over the connection, but never beyond `most`.
void lengthen(milliseconds& budget, size_t& bytes, size_t more, milliseconds most) {
  bytes += more;
  budget = std::min<milliseconds>(budget + seconds{bytes / 1024}, most);
  bytes %= 1024;
}

}  // namespace

BoundedStream::BoundedStream(socket_t socket, const Limits& limits)
    : limits_(limits),
      inner_(socket, whole_seconds(limits.request_time_max),
             rest_of_second(limits.request_time_max), whole_seconds(limits.answer_time_max),
             rest_of_second(limits.answer_time_max)) {}

BoundedStream::Arrival BoundedStream::arrives() {
  if (begin_ < end_) return Arrival::Bytes;
  const ssize_t got = ::recv(socket(), received_.data(), received_.size(), MSG_DONTWAIT);
  drained_ = got < static_cast<ssize_t>(received_.size());
  if (got > 0) {
    begin_ = 0;
    end_ = static_cast<size_t>(got);
    return Arrival::Bytes;
  }
  return is_try_again(got) ? Arrival::Nothing : Arrival::End;
}

BoundedStream::Arrival BoundedStream::looks() const {
  if (begin_ < end_) return Arrival::Bytes;
  char first = 0;
  const ssize_t got = ::recv(socket(), &first, 1, MSG_DONTWAIT | MSG_PEEK);
  if (got > 0) return Arrival::Bytes;
  return is_try_again(got) ? Arrival::Nothing : Arrival::End;
}

void BoundedStream::begin_request() {
  request_end_.reset();
  answer_end_.reset();
  bytes_left_ = limits_.head_bytes_max;
  line_bytes_ = 0;
  in_head_ = true;
  late_ = head_too_large_ = false;
  idle_ = nullptr;
  answered_ = false;
}

void BoundedStream::hurry(milliseconds time) {
  request_end_ = Clock::now() + time;
  idle_ = nullptr;
  end_head(SIZE_MAX);
}

/// Lets the next wait last as long as the request may still take; false if that is over.
bool BoundedStream::prepare_wait(Clock::time_point now) {
  if (!request_end_) request_end_ = now + limits_.request_time_max;
  // The library waits for whole milliseconds and rounds them down: too early is not late.
  const microseconds left = std::chrono::ceil<milliseconds>(*request_end_ - now);
  if (left <= microseconds{0}) return false;
  inner_.set_read_timeout(whole_seconds(left), rest_of_second(left));
  return true;
}

/// What has arrived, at once; or what arrives, as long as it may be waited for.
ssize_t BoundedStream::receive(char* bytes, size_t size) {
  answer_end_.reset();
  if (!idle_ && !prepare_wait(Clock::now())) {
    late_ = true;
    return -1;
  }
  const ssize_t got = ::recv(socket(), bytes, size, MSG_DONTWAIT);
  drained_ = got < static_cast<ssize_t>(size);
  if (!is_try_again(got)) return got;
  RequestThreads::may_wait();
  if (idle_ && !wait_duplex()) {
    late_ = true;
    return -1;
  }
  const ssize_t waited_for = inner_.read(bytes, size);
  drained_ = false;
  if (waited_for < 0) late_ = inner_.get_error() == httplib::Error::Timeout;
  return waited_for;
}

/// The library reads lines to their ends, and says of one that is too long only that it is bad.
void BoundedStream::count_of_head(char last, size_t size) {
  line_bytes_ += size;
  if (line_bytes_ > CPPHTTPLIB_HEADER_MAX_LENGTH) head_too_large_ = true;
  if (last == '\n') line_bytes_ = 0;
}

/// The library reads a head byte by byte: nearly all of these calls are answered from the buffer.
ssize_t BoundedStream::read(char* bytes, size_t size) {
  if (size == 1 && in_head_ && begin_ < end_ && bytes_left_ > 0) {
    *bytes = received_[begin_++];
    --bytes_left_;
    count_of_head(*bytes, 1);
    return 1;
  }
  ssize_t got = 0;
  if (begin_ == end_ && size >= received_.size()) {
    got = receive(bytes, size);
  } else {
    if (begin_ == end_) {
      const ssize_t more = receive(received_.data(), received_.size());
      if (more <= 0) return more;
      begin_ = 0;
      end_ = static_cast<size_t>(more);
    }
    const size_t taken = std::min(size, end_ - begin_);
    std::memcpy(bytes, received_.data() + begin_, taken);
    begin_ += taken;
    got = static_cast<ssize_t>(taken);
  }
  if (got <= 0) return got;
  if (static_cast<size_t>(got) > bytes_left_) {
    head_too_large_ = in_head_;
    return -1;
  }
  bytes_left_ -= static_cast<size_t>(got);
  if (in_head_) count_of_head(bytes[got - 1], static_cast<size_t>(got));
  if (idle_) {
    lengthen(read_budget_, read_bytes_, static_cast<size_t>(got), limits_.request_time_max);
  }
  return got;
}

ssize_t BoundedStream::write(const char* bytes, size_t size) {
  if (answered_) return static_cast<ssize_t>(size);
  const auto now = Clock::now();
  if (!answer_end_) answer_end_ = now + limits_.answer_time_max;
  if (now >= *answer_end_) return -1;
  // The library asks first whether the client takes anything: nearly always it takes everything.
  const ssize_t sent = ::send(socket(), bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!is_try_again(sent)) return sent;
  RequestThreads::may_wait();
  return inner_.write(bytes, size);
}

void BoundedStream::begin_duplex() {
  read_budget_ = limits_.request_time_max;
  write_budget_ = limits_.answer_time_max;
  read_bytes_ = written_bytes_ = sent_ = 0;
  unsent_.clear();
}

/// Waits until the socket is ready for one of `events`; false if the budget is spent before.
bool BoundedStream::wait_for(short events, milliseconds& budget) {
  const auto begin = Clock::now();
  pollfd waiting{inner_.socket(), events, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(budget.count()));
  budget -= std::chrono::ceil<milliseconds>(Clock::now() - begin);
  return ready > 0 && budget > milliseconds{0};
}

/// Until something can be read. What waits to be sent is sent meanwhile.
bool BoundedStream::wait_duplex() {
  const auto readable = [this] { return httplib::detail::select_read(socket(), 0, 0) > 0; };
  while (!readable() && (*idle_)()) {
  }
  while (!readable()) {
    if (!send_some()) return false;
    const bool unsent = sent_ < unsent_.size();
    if (!wait_for(static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), read_budget_)) return false;
  }
  return true;
}

/// What the socket takes now; false if the client is gone.
bool BoundedStream::send_some() {
  while (sent_ < unsent_.size()) {
    const ssize_t sent = ::send(socket(), unsent_.data() + sent_, unsent_.size() - sent_,
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    sent_ += static_cast<size_t>(sent);
    lengthen(write_budget_, written_bytes_, static_cast<size_t>(sent), limits_.answer_time_max);
  }
  unsent_.clear();
  sent_ = 0;
  return true;
}

bool BoundedStream::write_behind(std::string_view bytes) {
  if (sent_ > kUnsentMax / 2) {
    unsent_.erase(0, sent_);
    sent_ = 0;
  }
  unsent_ += bytes;
  while (send_some()) {
    if (unsent_.size() - sent_ <= kUnsentMax) return true;
    if (!wait_for(POLLOUT, write_budget_)) return false;
  }
  return false;
}

bool BoundedStream::flush() {
  while (send_some()) {
    if (unsent_.empty()) return true;
    if (!wait_for(POLLOUT, write_budget_)) return false;
  }
  return false;
}

}  // namespace toll::http
