// The listening socket, by cpp-httplib: it finds the address, listens and accepts.
//
// From there on connections are ours. The library's own way of serving them (0.41) gives each
// request a new read buffer, so that what was read of the next one is lost; it passes over header
// lines that end in a bare LF, takes `Content-Length: +5` and a negative chunk size, has one time
// limit per read but none for a head, answers every fault of a head with 400 and keeps the
// connection open behind it, and looks at each idle connection a hundred times a second. Its pool
// queues connections behind others that may stay open for ever. None of this can be set.
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
