#include "http/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <optional>
#include <utility>

#include "http/connection/answer.h"
#include "http/connection/connection.h"
#include "http/connection/connection_threads.h"
#include "http/connection/drain_signal.h"
#include "http/library/acceptor.h"
#include "http/route/router.h"

namespace toll::http {
namespace {

constexpr std::chrono::seconds kGraceOfDestructor{5};

/// What a client is told for which there is no thread. Written once: whoever is this busy should
/// not think about it.
std::string busy_answer() {
  Response answer = problem(503, "the service has as many connections as it can serve");
  answer.headers.emplace_back("Retry-After", "1");
  std::string text;
  write_head(answer, {.closes = true}, text);
  return text + answer.body;
}

}  // namespace

struct Server::Impl {
  explicit Impl(ServerOptions with);

  void accept(int fd);
  void serve(int fd);

  const ServerOptions options;
  const std::function<void(std::string_view)> log;
  Router router;
  std::optional<std::string> route_fault;  ///< the first one
  DrainSignal drain;
  ConnectionThreads threads;
  Acceptor acceptor;
};

Server::Impl::Impl(ServerOptions with)
    : options(std::move(with)),
      log(options.log ? options.log : [](std::string_view) {}),
      threads(options.limits.connections_max, [this](int fd) { serve(fd); }),
      acceptor([this](int fd) { accept(fd); }, log) {}

/// On the acceptor's thread: nothing here may wait.
void Server::Impl::accept(int fd) {
  if (threads.take(fd)) return;
  static const std::string busy = busy_answer();
  ::send(fd, busy.data(), busy.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  finish(fd, std::chrono::milliseconds{0});
  ::close(fd);
}

void Server::Impl::serve(int fd) {
  try {
    Connection({router, options.limits, drain, log}, fd).serve();
  } catch (const std::exception& error) {
    log(std::string("a connection was given up: ") + error.what());
  }
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Server::~Server() { stop(kGraceOfDestructor); }

void Server::route(std::string_view method, std::string_view pattern, Handler handler,
                   RouteOptions options) {
  auto fault = impl_->router.add(method, pattern, std::move(handler), std::move(options));
  if (!impl_->route_fault) impl_->route_fault = std::move(fault);
}

Result<uint16_t> Server::start() {
  if (impl_->route_fault) return std::unexpected(Error{*impl_->route_fault});
  return impl_->acceptor.start(impl_->options.host, impl_->options.port);
}

void Server::stop(std::chrono::milliseconds grace) {
  impl_->acceptor.stop();
  impl_->drain.raise();
  impl_->threads.finish(grace);
}

}  // namespace toll::http
