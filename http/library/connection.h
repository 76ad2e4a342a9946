// A connection that has a place, while a thread answers on it and while it is silent.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

#include "http/library/bounded_stream.h"
#include "http/library/connection_queue.h"

namespace toll::http {

/// Counts as long as it is there.
template <typename Count>
class Counted {
 public:
  explicit Counted(std::atomic<Count>& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  std::atomic<Count>& count_;
};

/// Thread rule: one thread at a time.
struct Connection {
  Connection(socket_t socket, const Limits& limits, ConnectionQueue& of, std::atomic<int>& all)
      : stream(socket, limits), queue(of), counted(all) {}

  BoundedStream stream;
  ConnectionQueue& queue;  ///< that its place is of
  const Counted<int> counted;
  std::string address = {};
  int port = 0;
  bool client_is_done = false;                  ///< nothing comes behind what has arrived
  int requests = 0;                             ///< so far
  std::optional<Counted<size_t>> leaving = {};  ///< others wait, and it ends for one of them
};

}  // namespace toll::http
