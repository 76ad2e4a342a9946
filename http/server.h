// An HTTP/1.1 listener with bounds on everything a client can make it hold.
//
//   Server server({.port = 8080});
//   server.route("GET", "/v1/cards/{card}", [&](const Request& request) {
//     return Response{200, "application/json", show(request.capture("card"))};
//   });
//   Result<uint16_t> port = server.start();
//
// The library that reads and writes HTTP (cpp-httplib) gives a connection a thread of its own while
// it is open. What a client does wrong is answered with a problem document and ends the connection:
//
//   400  malformed, or with more than one way to read it
//   404  no route has this path      405  none has it with this method (with Allow)
//   408  the request takes too long  413  body too large
//   414  path and query too long     415  media type of another kind, a compressed body or a form
//   416  malformed Range             417  an expectation other than 100-continue
//   431  head too large              501  unknown method or transfer coding
//   505  another HTTP version
//
// A request line that takes too long or is beyond head_bytes_max is not answered, only closed. What
// else the library does not hold is listed in docs/reliability.md.
//
// HEAD is answered by the GET route without its body, OPTIONS with Allow, both unless routed. Range
// is ignored, which RFC 9110 allows. Forwarding and method-override headers mean nothing here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace toll::http {

/// What one client may take. All times and counts are > 0. Beside these, a path with its query has
/// at most 4096 bytes, a header line 8192, and a head 63 fields.
struct Limits {
  size_t head_bytes_max = 16 * 1024;    ///< request line and header fields together
  size_t body_bytes_max = 1024 * 1024;  ///< a route may allow more
  /// Open at once, each with a thread. Up to as many again wait for one; the rest is closed at
  /// once.
  int connections_max = 128;
  int requests_per_connection_max = 10'000;

  std::chrono::seconds idle_time_max{5};  ///< without a request, then closed without a word
  std::chrono::milliseconds request_time_max{10'000};  ///< from its first byte to its last
  /// From an answer's first byte to its last. A send that is under way may take as long again.
  std::chrono::milliseconds answer_time_max{10'000};
};

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< name or address of the interface
  uint16_t port = 0;               ///< 0: any free one
  Limits limits = {};

  /// Told what an operator should know, one sentence each: a handler that threw, a listening socket
  /// that had to be opened again. Called from any thread. May be empty.
  std::function<void(std::string_view)> log = {};
};

/// Called on the connection's thread, for several requests at once. An exception that leaves it is
/// logged and answered with 500; its text never reaches the client.
using Handler = std::function<Response(const Request&)>;

struct RouteOptions {
  size_t body_bytes_max = 0;                    ///< 0: as in Limits
  std::vector<std::string> content_types = {};  ///< media types a body may have; empty: any
};

/// Thread rule: route() and start() from one thread, handlers run on threads of the server's own.
class Server {
 public:
  explicit Server(ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  ///< stop(5 s)

  /// Adds a route. `pattern` is a path whose segments are literal or a `{name}`, which stands for
  /// one non-empty segment: "/v1/customers/{id}/balance". A literal segment goes before a capture.
  /// REQUIRES: not started.
  void route(std::string_view method, std::string_view pattern, Handler handler,
             RouteOptions options = {});

  /// Listens; the port it is bound to. Clients can connect as soon as this returns. Fails when the
  /// address cannot be had, and when a route is malformed or stands there twice.
  /// REQUIRES: called once.
  Result<uint16_t> start();

  /// Stops listening, answers every request whose first byte has arrived, and closes. Clients that
  /// are not done after `grace` are cut off; handlers are always waited for. Does nothing if not
  /// started or already stopped. REQUIRES: not called by a handler.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::http
