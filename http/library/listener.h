// The library's server, hooked where its TLS server hooks in: between a connection and the requests
// on it. Reading, routing to handlers, writing and threads are the library's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "http/library/bounded_stream.h"
#include "http/library/connection.h"
#include "http/library/cpp_httplib.h"
#include "http/library/request_threads.h"
#include "http/server.h"

namespace toll::http {

/// Called on the thread that has the connection.
struct RequestHooks {
  /// A request is about to be read from this stream.
  std::function<void(BoundedStream&)> begin;
  /// Its head has been read; nothing has been answered, not even an Expect.
  std::function<void(httplib::Request&)> admit;
  /// It is answered. False: nothing more can be read from this connection.
  std::function<bool()> goes_on;
  /// There is no place for a connection: what it is told, and closed.
  std::string no_place;
};

/// Thread rule: one thread.
class Listener final : public httplib::Server {
 public:
  Listener(const ServerOptions& options, RequestHooks hooks);
  ~Listener() override { stop(std::chrono::milliseconds{0}); }

  /// As http::Server has them.
  Result<uint16_t> start();
  void stop(std::chrono::milliseconds grace);
  void drain() { draining_ = true; }
  bool ends() const { return draining_ || stopping_; }
  int connections() const { return connections_; }
  uint64_t refused() const { return refused_; }

 private:
  httplib::TaskQueue* make_queue();
  bool open(uint16_t port);
  void run();
  bool reopen();
  bool process_and_close_socket(socket_t socket) override;
  void admit(socket_t socket);
  RequestThreads::Next serve(Connection& connection);
  bool answer(Connection& connection);
  bool is_kept(Connection& connection, std::chrono::milliseconds silent);
  void end(std::unique_ptr<Connection> connection);
  void close(socket_t socket);
  void refuse(socket_t socket);
  bool gives_way(Connection& connection);
  void linger(BoundedStream& stream);

  const ServerOptions& options_;
  const RequestHooks hooks_;
  uint16_t port_ = 0;
  std::atomic<int> fault_ = 0;        ///< errno of the last socket that failed
  std::atomic<size_t> crowd_ = 0;     ///< connections that wait for a place
  std::atomic<size_t> leaving_ = 0;   ///< connections that end for one of those
  ConnectionQueue* queue_ = nullptr;  ///< of the library, while it listens
  std::thread thread_;

  std::atomic<bool> stopping_ = false;
  std::atomic<bool> draining_ = false;
  std::atomic<int> connections_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;       ///< run() is over, and with it every connection
  bool cuts_off_ = false;    ///< the grace is over
  std::set<socket_t> open_;  ///< connections
  RequestThreads threads_;
};

}  // namespace toll::http
