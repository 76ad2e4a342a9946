// An HTTP/1.1 listener with bounds on everything a client can make it hold.
//
//   Server server({.port = 8080});
//   server.route("GET", "/v1/cards/{card}", [&](const Request& request) {
//     return Response{200, "application/json", show(request.capture("card"))};
//   });
//   Result<uint16_t> port = server.start();
//
// The library that reads and writes HTTP (cpp-httplib) answers each request on a thread of its own;
// a silent connection has none. What a client does wrong is answered with a problem document:
//
//   400  malformed, or with more than one way to read it
//   404  no route has this path      405  none has it with this method (with Allow)
//   408  the request takes too long  413  body too large
//   414  path and query too long     415  media type of another kind, a compressed body or a form
//   416  malformed Range             417  an expectation other than 100-continue
//   431  head too large              501  unknown method or transfer coding
//   505  another HTTP version
//
// The connection goes on where it is clear where the request ended, and its body was read or, where
// nobody wanted it, has at most 64 KiB; otherwise the answer ends it.
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
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace toll::http {

/// What one client may take. All times and counts are > 0. Beside these, a path with its query has
/// at most 4096 bytes, a header line 8192, and a head 63 fields.
struct Limits {
  size_t head_bytes_max = 16 * 1024;    ///< request line and header fields together
  size_t body_bytes_max = 1024 * 1024;  ///< a route may allow more
  /// Open at once; there are as many threads. Up to as many again wait for one, so long; the rest
  /// is told at once that there is no place. While some wait, a connection ends after its hundredth
  /// request or after a shorter idle time.
  int connections_max = 128;
  std::chrono::milliseconds wait_time_max{2000};
  std::chrono::milliseconds crowded_idle_time_max{500};
  int requests_per_connection_max = 10'000;

  std::chrono::seconds idle_time_max{5};  ///< without a request, then closed without a word
  std::chrono::milliseconds request_time_max{10'000};  ///< from its first byte to its last
  /// From an answer's first byte to its last. A send that is under way may take as long again.
  std::chrono::milliseconds answer_time_max{10'000};
};

struct RouteOptions {
  size_t body_bytes_max = 0;                    ///< 0: as in Limits
  std::vector<std::string> content_types = {};  ///< media types a body may have; empty: any
  /// What a caller must be allowed, in the words of whoever gives the server a gate. With a gate
  /// every route says one, so that none is open by being forgotten.
  std::string scope = {};
  /// The handler may wait: for a disk, another thread, or a stream's client. One that only computes
  /// says so, and is then spared what it costs to let another thread run meanwhile.
  bool waits = true;
};

/// A route, as others than its handler see it. Views that live as long as the server.
struct RouteInfo {
  size_t number = 0;  ///< in the order in which routes were added
  std::string_view method;
  std::string_view pattern;
  const RouteOptions* options = nullptr;
};

/// What a gate gives a request that it lets pass.
struct Pass {
  std::string caller = {};                                        ///< becomes Request::caller
  std::string tenant = {};                                        ///< becomes Request::tenant
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< the answer gets them too
};

/// Asked when a request's head is read and its route known, before a byte of its body is: the
/// request goes on, or this is its answer. On the connection's thread, for several at once.
using Gate = std::function<std::expected<Pass, Response>(const Request& head, const RouteInfo&)>;

/// A request that was answered, whoever answered it.
struct Observation {
  const RouteInfo* route = nullptr;  ///< null: it got to none
  int status = 0;
  std::chrono::nanoseconds time{};  ///< from its first byte to its answer's last
};

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< name or address of the interface
  uint16_t port = 0;               ///< 0: any free one
  Limits limits = {};
  Gate gate = {};  ///< may be empty: then nobody is asked
  /// Told of every answer, on the connection's thread. May be empty.
  std::function<void(const Observation&)> observe = {};

  /// Told what an operator should know, one sentence each: a handler that threw, a listening socket
  /// that had to be opened again. Called from any thread. May be empty.
  std::function<void(std::string_view)> log = {};
};

/// Called on the request's thread, for several requests at once. An exception that leaves it is
/// logged and answered with 500; its text never reaches the client.
using Handler = std::function<Response(const Request&)>;

/// A request whose body is read while its answer is written, both piece by piece: neither is ever
/// in memory as a whole. A client that waits for the answer before it has sent all of its body is
/// as welcome as one that reads nothing before. Times are counted otherwise than Limits says: those
/// are how long the client may be waited for in all, and each KiB that it sends or takes gives a
/// second of that back.
class Duplex {
 public:
  virtual ~Duplex() = default;

  /// Hands on the body as it arrives, until its end or until `take` returns false; true at its end.
  /// Before the client is waited for, `idle` is called, which may write, for as long as it returns
  /// true and nothing arrives.
  virtual bool read(const std::function<bool(std::string_view)>& take,
                    const std::function<bool()>& idle) = 0;

  /// Begins an answer whose body is what write() gives.
  virtual void begin(const Response& head) = 0;

  /// False: the client is gone, or reads too slowly. Waits for the client only where much of the
  /// answer waits for it.
  virtual bool write(std::string_view piece) = 0;

  /// Writes what waits, now. False as of write().
  virtual bool flush() = 0;

  /// False once the client is gone, or the server is about to end: an answer without an end of its
  /// own then ends.
  virtual bool goes_on() const = 0;
};

/// As a Handler. Gives back an answer if it did not begin one, or nothing where the body did not
/// arrive. An answer that was begun is whole if the body was read to its end, and cut off if not.
using DuplexHandler = std::function<std::optional<Response>(const Request& head, Duplex&)>;

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

  /// The same for a route whose body and answer are streams. Clients of HTTP/1.0 cannot have it.
  void stream(std::string_view method, std::string_view pattern, DuplexHandler handler,
              RouteOptions options = {});

  /// All routes so far, in the order in which they were added. REQUIRES: views of an earlier call
  /// are not used after another route was added.
  std::vector<RouteInfo> routes() const;

  /// Listens; the port it is bound to. Clients can connect as soon as this returns. Fails when the
  /// address cannot be had, and when a route is malformed, stands there twice, or has no scope.
  /// REQUIRES: called once.
  Result<uint16_t> start();

  /// From now on every answer ends its connection, so that clients go elsewhere; connections are
  /// still accepted.
  void drain();

  /// Connections that have a place now.
  int connections() const;

  /// Connections that there was no place for, since the start.
  uint64_t refused_connections() const;

  /// Stops listening, answers every request whose first byte has arrived, and closes. Clients that
  /// are not done after `grace` are cut off; handlers are always waited for. Does nothing if not
  /// started or already stopped. REQUIRES: not called by a handler.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::http
