// One connection, from its first request to its last.
//
//   wait for a byte -> read the head -> find the route -> read the body -> handler -> answer, again
//
// All bytes arrive in one buffer. Head, captures and a body that came along with its head are views
// into it; a larger body is received into a string of its own. Nothing is copied on the way to the
// handler but chunked bodies, whose pieces have to be put together.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/connection/answer.h"
#include "http/connection/drain_signal.h"
#include "http/connection/socket.h"
#include "http/message.h"
#include "http/parse/decoded_path.h"
#include "http/parse/refusal.h"
#include "http/parse/request_head.h"
#include "http/route/router.h"
#include "http/server.h"

namespace toll::http {

/// What the connections of a server share. REQUIRES: outlives them.
struct Shared {
  const Router& router;
  const Limits& limits;
  const DrainSignal& drain;
  const std::function<void(std::string_view)>& log;  ///< not empty
};

/// Thread rule: one thread.
class Connection {
 public:
  /// `fd` is a connected socket, which stays the caller's.
  Connection(const Shared& shared, int fd);

  /// Answers requests until either side ends the connection or a limit is reached.
  void serve();

 private:
  bool wait_for_request();

  /// One request and its answer, the last one if `last`. This and what answers says whether the
  /// connection goes on.
  bool exchange(bool last);

  std::expected<void, Refusal> read_head();
  /// The route, or the answer that the listener has itself.
  std::expected<const Route*, Response> choose_route();
  std::expected<void, Refusal> read_body(const RouteOptions& options);
  std::expected<void, Refusal> read_measured_body(size_t length);
  std::expected<void, Refusal> read_chunked_body(size_t bytes_max);
  std::expected<void, Refusal> invite_body();
  Response handle(const Route& route);

  bool send(const Response& answer, bool closes);
  bool conclude(const Response& answer, bool last, std::chrono::milliseconds finish_time);
  bool refuse(const Refusal& refusal);

  /// Receives into the buffer, behind what is there.
  std::expected<void, Refusal> fill(Clock::time_point deadline);
  std::string_view buffered() const { return {buffer_.get() + begin_, end_ - begin_}; }

  const Shared& shared_;
  const int fd_;
  const std::string remote_address_;

  const size_t capacity_;
  const std::unique_ptr<char[]> buffer_;
  size_t floor_ = 0;  ///< behind the head that is in use
  size_t begin_ = 0;  ///< of the bytes that nobody has used yet
  size_t end_ = 0;

  RequestHead head_;
  DecodedPath path_;
  std::vector<Field> captures_;
  std::string body_buffer_;
  std::string_view body_;
  std::string out_;
};

}  // namespace toll::http
