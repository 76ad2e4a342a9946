// The listening socket, by cpp-httplib: it finds the address, listens and accepts.
//
// From there on connections are ours. The library's own way of serving them cannot be held to the
// limits and statuses of http/server.h by settings. Seen with 0.41: of three requests that arrive
// together it answers one and loses two; it takes two equal lengths, a length of 0 beside a
// transfer coding, no Host and two Hosts; a request without a length swallows the one behind it as
// its body; a chunk of size -2 and an unknown coding are not answered; behind a faulty head it says
// that it closes and reads on; a time limit holds for each read but not for the head, which may
// trickle for hours; its pool queues a connection behind others that may never end, and each idle
// connection wakes up a hundred times a second.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace toll::http {

/// Thread rule: one thread, and `accepted` is called on a thread of the acceptor's own.
class Acceptor {
 public:
  /// `accepted` becomes the owner of a connected socket, with TCP_NODELAY. It must not block or
  /// throw, since nobody is accepted meanwhile.
  Acceptor(std::function<void(int fd)> accepted, std::function<void(std::string_view)> log);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor();  ///< stop()

  /// Listens on `port`, or on any free one if that is 0, and gives back which. When the socket
  /// fails later, it is opened again on the same port. REQUIRES: called once.
  Result<uint16_t> start(const std::string& host, uint16_t port);

  /// Closes the listening socket; `accepted` is not called any more once this returns.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::http
