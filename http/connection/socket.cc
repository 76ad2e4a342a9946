#include "http/connection/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace toll::http {
namespace {

using std::chrono::milliseconds;

/// Of what a client sends after the answer: enough for one that sends its whole body regardless.
constexpr size_t kFinishBytesMax = 16 * 1024 * 1024;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

/// poll() on one descriptor. False when the deadline has passed.
bool wait_for(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    pollfd entry{fd, events, 0};
    const int ready =
        ::poll(&entry, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return true;  // the call that follows finds out what is wrong
  }
}

/// recv(); without MSG_DONTWAIT for as long as the socket's own limit allows.
std::expected<size_t, Broken> receive_with(int flags, int fd, char* to, size_t room) {
  for (;;) {
    const ssize_t got = ::recv(fd, to, room, flags);
    if (got > 0) return static_cast<size_t>(got);
    if (got < 0 && errno == EINTR) continue;
    return std::unexpected(got < 0 && would_block() ? Broken::TimedOut : Broken::Closed);
  }
}

/// Takes `sent` bytes off the front.
std::span<iovec> without(std::span<iovec> pieces, size_t sent) {
  while (!pieces.empty() && sent >= pieces.front().iov_len) {
    sent -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) {
    pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + sent;
    pieces.front().iov_len -= sent;
  }
  return pieces;
}

}  // namespace

Clock::time_point Pace::deadline(size_t bytes_done) const {
  constexpr size_t kMillisecondsPerSecond = 1000;
  return begin_ + limits_.transfer_time +
         milliseconds(bytes_done * kMillisecondsPerSecond / limits_.transfer_bytes_per_second_min);
}

std::expected<size_t, Broken> receive(int fd, char* to, size_t room, Clock::time_point deadline) {
  for (;;) {
    const auto got = receive_with(MSG_DONTWAIT, fd, to, room);
    if (got || got.error() == Broken::Closed) return got;
    if (!wait_for(fd, POLLIN, deadline)) return got;
  }
}

void expect_soon(int fd) {
  const timeval time{.tv_sec = 0, .tv_usec = std::chrono::microseconds(kSoon).count()};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

std::expected<size_t, Broken> receive_soon(int fd, char* to, size_t room) {
  return receive_with(0, fd, to, room);
}

std::expected<void, Broken> send_all(int fd, std::span<iovec> pieces, const Limits& limits) {
  std::optional<Pace> pace;
  size_t done = 0;
  for (pieces = without(pieces, 0); !pieces.empty();) {
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      done += static_cast<size_t>(sent);
      pieces = without(pieces, static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (!would_block()) return std::unexpected(Broken::Closed);
    if (!pace) pace.emplace(limits);
    if (!wait_for(fd, POLLOUT, pace->deadline(done))) return std::unexpected(Broken::TimedOut);
  }
  return {};
}

bool wait_readable(int fd, int signal_fd, milliseconds time) {
  const Clock::time_point deadline = Clock::now() + time;
  for (milliseconds left = time;;) {
    pollfd entries[] = {{fd, POLLIN, 0}, {signal_fd, POLLIN, 0}};
    const int ready = ::poll(entries, 2, static_cast<int>(left.count()));
    if (ready >= 0) return entries[0].revents != 0;
    if (errno != EINTR) return false;
    left = std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds{0});
  }
}

void finish(int fd, milliseconds time) {
  ::shutdown(fd, SHUT_WR);
  const Clock::time_point deadline = Clock::now() + time;
  std::array<char, 16 * 1024> bytes;
  for (size_t taken = 0; taken < kFinishBytesMax;) {
    const auto got = receive(fd, bytes.data(), bytes.size(), deadline);
    if (!got || Clock::now() > deadline) return;
    taken += *got;
  }
}

std::string peer_address(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    // On a socket for both families an IPv4 peer is ::ffff:192.0.2.7; its own notation is meant.
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
      ::inet_ntop(AF_INET, v6.s6_addr + 12, text, sizeof text);
    } else {
      ::inet_ntop(AF_INET6, &v6, text, sizeof text);
    }
  }
  return text;
}

}  // namespace toll::http
