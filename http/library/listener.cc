#include "http/library/listener.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

#include "http/library/connection_queue.h"

namespace toll::http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReopenInterval{100};

/// How long a client that was refused in the middle of a request is listened to. Closing at once
/// would discard what it still sends, and with that the answer on its way to it.
constexpr milliseconds kLingerTime{1000};

/// The same for a client that there was no place for, whose thread others wait for. Its request
/// comes right behind its connection, or never.
constexpr milliseconds kTurnedAwayTime{20};

/// After so many requests a connection gives its place to one that waits for it. What it takes to
/// open another is little beside them.
constexpr int kRequestsOfATurn = 100;

/// After so many that were sent ahead the others with news have their turn.
constexpr int kRequestsInARow = 16;

/// An errno as the end of a sentence; 0 if the system was not asked, for want of an address.
std::string reason(int fault) {
  if (fault == 0) return "there is no such address";
  std::string text = std::generic_category().message(fault);
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

}  // namespace

Listener::Listener(const ServerOptions& options, RequestHooks hooks)
    : options_(options),
      hooks_(std::move(hooks)),
      threads_({[this](Connection& one) { return serve(one); },
                [this](Connection& one, milliseconds silent) { return is_kept(one, silent); },
                [this](std::unique_ptr<Connection> one) { end(std::move(one)); }}) {
  new_task_queue = [this] { return make_queue(); };
  set_tcp_nodelay(true);
  set_keep_alive_timeout(options.limits.idle_time_max.count());
  set_keep_alive_max_count(static_cast<size_t>(options.limits.requests_per_connection_max));
  set_write_timeout(options.limits.answer_time_max);
  // By default the library sets SO_REUSEPORT, with which a second server on the same port starts
  // without a complaint and takes half of the clients.
  set_socket_options(
      [](socket_t socket) { httplib::set_socket_opt(socket, SOL_SOCKET, SO_REUSEADDR, 1); });
  set_error_logger([this](httplib::Error error, const httplib::Request*) {
    fault_ = errno;
    // The library has just closed its listening socket. The number may soon be another's.
    if (error == httplib::Error::Connection) svr_sock_ = INVALID_SOCKET;
  });
}

httplib::TaskQueue* Listener::make_queue() {
  queue_ = new ConnectionQueue(static_cast<size_t>(options_.limits.connections_max),
                               options_.limits.wait_time_max, crowd_);
  return queue_;  // the library deletes it
}

bool Listener::open(uint16_t port) {
  fault_ = 0;
  Server::stop();  // it does not open again a socket that failed before it was told to stop
  if (port != 0) {
    port_ = bind_to_port(options_.host, port) ? port : uint16_t{0};
  } else {
    port_ = static_cast<uint16_t>(std::max(bind_to_any_port(options_.host), 0));
  }
  return port_ != 0;
}

Result<uint16_t> Listener::start() {
  if (!open(options_.port)) {
    return std::unexpected(Error{
        fmt::format("cannot listen on {}:{}: {}", options_.host, options_.port, reason(fault_))});
  }
  threads_.start(static_cast<size_t>(options_.limits.connections_max));
  thread_ = std::thread([this] { run(); });
  return port_;
}

void Listener::run() {
  do {
    listen_after_bind();
  } while (!stopping_ && reopen());
  const std::lock_guard lock(mutex_);
  ended_ = true;
  ended_changed_.notify_all();
}

/// The library gives up on the first error of accept() that it does not expect, and some of them
/// (ENOBUFS, ENFILE, ECONNABORTED) pass.
bool Listener::reopen() {
  const uint16_t port = port_;
  options_.log(
      fmt::format("the listening socket on {}:{} failed and is opened again", options_.host, port));
  do {
    std::this_thread::sleep_for(kReopenInterval);
  } while (!stopping_ && !open(port));
  return !stopping_;
}

void Listener::stop(milliseconds grace) {
  if (!thread_.joinable()) return;
  stopping_ = true;
  // The library's own stop() would close the descriptor, which may belong to somebody else by the
  // time that accept() is called on it.
  const socket_t socket = svr_sock_.exchange(INVALID_SOCKET);
  if (socket != INVALID_SOCKET) httplib::detail::shutdown_socket(socket);
  {
    std::unique_lock lock(mutex_);
    if (!ended_changed_.wait_for(lock, grace, [this] { return ended_; })) {
      cuts_off_ = true;
      for (const socket_t connection : open_) httplib::detail::shutdown_socket(connection);
    }
  }
  thread_.join();
  threads_.stop();
  for (const socket_t left : {socket, svr_sock_.exchange(INVALID_SOCKET)}) {
    if (left != INVALID_SOCKET) httplib::detail::close_socket(left);
  }
}

/// The library has a connection for which there is a place, or a thread that says there is none.
bool Listener::process_and_close_socket(socket_t socket) {
  {
    const std::lock_guard lock(mutex_);
    open_.insert(socket);
    if (cuts_off_) httplib::detail::shutdown_socket(socket);
  }
  if (ConnectionQueue::refuses()) {
    refuse(socket);
    close(socket);
  } else {
    admit(socket);
  }
  return true;
}

void Listener::admit(socket_t socket) {
  auto connection = std::make_unique<Connection>(socket, options_.limits, *queue_, connections_);
  httplib::detail::get_remote_ip_and_port(socket, connection->address, connection->port);
  threads_.add(std::move(connection));
}

void Listener::end(std::unique_ptr<Connection> connection) {
  close(connection->stream.socket());
  connection->queue.leave();
  // It leaves for one of those who wait until that one has its place: another one would leave for
  // the same one else.
  connection.reset();
}

void Listener::close(socket_t socket) {
  {
    const std::lock_guard lock(mutex_);
    open_.erase(socket);
  }
  httplib::detail::shutdown_socket(socket);
  httplib::detail::close_socket(socket);
}

/// Whether others wait for a place and this connection is to leave it. No more leave than wait.
bool Listener::gives_way(Connection& connection) {
  if (!connection.leaving && crowd_ > leaving_) {
    connection.leaving.emplace(leaving_);
    if (leaving_ > crowd_) connection.leaving.reset();  // others came to it at the same time
  }
  return connection.leaving.has_value();
}

bool Listener::is_kept(Connection& connection, milliseconds silent) {
  const Limits& limits = options_.limits;
  const bool ends = svr_sock_ == INVALID_SOCKET || silent >= limits.idle_time_max ||
                    (silent >= limits.crowded_idle_time_max && gives_way(connection));
  return !ends || connection.stream.looks() == BoundedStream::Arrival::Bytes;
}

RequestThreads::Next Listener::serve(Connection& connection) {
  using Next = RequestThreads::Next;
  try {
    for (int i = 0; i < kRequestsInARow; ++i) {
      const BoundedStream::Arrival arrival = connection.stream.arrives();
      if (arrival == BoundedStream::Arrival::End) return Next::End;
      if (arrival == BoundedStream::Arrival::Nothing) return Next::Watch;
      if (!answer(connection)) return Next::End;
      if (connection.stream.is_drained() && !connection.client_is_done) return Next::Watch;
    }
    return Next::Again;
  } catch (const std::exception& error) {
    options_.log(std::string("a connection was given up: ") + error.what());
    return Next::End;
  }
}

/// The request that has begun to arrive: whether another one may follow.
bool Listener::answer(Connection& connection) {
  BoundedStream& stream = connection.stream;
  stream.begin_request();
  const int number = ++connection.requests;
  const bool last = number == options_.limits.requests_per_connection_max ||
                    svr_sock_ == INVALID_SOCKET || draining_ ||
                    (number >= kRequestsOfATurn && gives_way(connection));
  stream.set_last(last);
  hooks_.begin(stream);
  bool closed = false;
  const bool answered = process_request(stream, connection.address, connection.port, "", 0, last,
                                        closed, hooks_.admit);
  if (!answered) return false;
  if (!hooks_.goes_on()) {
    linger(stream);
    return false;
  }
  return !last && !closed;
}

void Listener::refuse(socket_t socket) {
  ++refused_;
  BoundedStream stream(socket, options_.limits);
  stream.begin_request();
  stream.write(hooks_.no_place.data(), hooks_.no_place.size());
  ::shutdown(socket, SHUT_WR);
  stream.hurry(kTurnedAwayTime);
  std::array<char, 4096> unread;
  while (stream.read(unread.data(), unread.size()) > 0) {
  }
}

void Listener::linger(BoundedStream& stream) {
  ::shutdown(stream.socket(), SHUT_WR);
  stream.hurry(kLingerTime);
  std::array<char, 4096> unread;
  while (stream.read(unread.data(), unread.size()) > 0) {
  }
}

}  // namespace toll::http
