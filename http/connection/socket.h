// Reading and writing of connected sockets with deadlines. A call that can be served at once costs
// one system call and does not look at the clock.
//
// The functions take file descriptors and leave owning and closing them to the caller.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <span>
#include <string>

#include "http/server.h"

namespace toll::http {

using Clock = std::chrono::steady_clock;

/// The time that a body or an answer may take, which grows with what has been transferred.
class Pace {
 public:
  explicit Pace(const Limits& limits) : limits_(limits), begin_(Clock::now()) {}

  Clock::time_point deadline(size_t bytes_done) const;

 private:
  const Limits& limits_;
  Clock::time_point begin_;
};

enum class Broken {
  Closed,  ///< by the peer, in order or not
  TimedOut,
};

/// Waits for bytes and reads what has arrived, at most `room`. The value is > 0.
/// REQUIRES: room > 0.
std::expected<size_t, Broken> receive(int fd, char* to, size_t room, Clock::time_point deadline);

/// How long receive_soon() waits.
inline constexpr std::chrono::milliseconds kSoon{100};

/// Prepares a socket for receive_soon().
void expect_soon(int fd);

/// As receive(), but waits inside of the one system call: half the cost when the next request is
/// on its way, as it is on a busy connection, but nothing else can end the wait.
/// REQUIRES: expect_soon(fd), room > 0.
std::expected<size_t, Broken> receive_soon(int fd, char* to, size_t room);

/// Sends all pieces, at the pace of `limits`. Changes `pieces`. Never raises SIGPIPE.
std::expected<void, Broken> send_all(int fd, std::span<iovec> pieces, const Limits& limits);

/// Waits until `fd` has bytes or its peer has closed, but not longer than `time` and not once
/// `signal_fd` is readable. True if there is something to read.
bool wait_readable(int fd, int signal_fd, std::chrono::milliseconds time);

/// Says that nothing more will be sent, and takes what the peer still sends for up to `time`. A
/// socket that is closed with unread bytes is reset, and a reset can overtake the answer.
void finish(int fd, std::chrono::milliseconds time);

/// The IP address at the other end, "192.0.2.7" or "2001:db8::7"; empty if it has gone.
std::string peer_address(int fd);

}  // namespace toll::http
