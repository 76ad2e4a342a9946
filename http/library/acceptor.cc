#include "http/library/acceptor.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "http/library/cpp_httplib.h"

namespace toll::http {
namespace {

constexpr std::chrono::milliseconds kReopenInterval{100};

/// Runs what the library would queue, which is no more than handing a socket over, at once.
class RunAtOnce final : public httplib::TaskQueue {
 public:
  bool enqueue(std::function<void()> task) override {
    task();
    return true;
  }
  void shutdown() override {}
};

/// The library's listener, hooked where its TLS server hooks in.
class Listener final : public httplib::Server {
 public:
  explicit Listener(std::function<void(int)> accepted) : accepted_(std::move(accepted)) {
    new_task_queue = [] { return new RunAtOnce; };
    set_tcp_nodelay(true);
    // By default the library sets SO_REUSEPORT, with which a second server on the same port starts
    // without a complaint and takes half of the clients.
    set_socket_options(
        [](socket_t socket) { httplib::set_socket_opt(socket, SOL_SOCKET, SO_REUSEADDR, 1); });
    set_error_logger([this](const httplib::Error&, const httplib::Request*) { fault_ = errno; });
  }

  /// 0 if the address cannot be had; fault() says why.
  uint16_t open(const std::string& host, uint16_t port) {
    fault_ = 0;
    Server::stop();  // it does not open again a socket that failed before it was told to stop
    if (port == 0) return static_cast<uint16_t>(std::max(bind_to_any_port(host), 0));
    return bind_to_port(host, port) ? port : uint16_t{0};
  }

  /// Accepts until shut() or until the socket fails, and closes it.
  void accept_all() {
    listen_after_bind();
    svr_sock_ = INVALID_SOCKET;
  }

  /// Ends accept_all() from another thread. Server::stop() would close the descriptor, which may
  /// belong to somebody else by the time that accept() is called on it.
  void shut() { ::shutdown(svr_sock_, SHUT_RDWR); }

  int fault() const { return fault_; }

 private:
  bool process_and_close_socket(socket_t socket) override {
    accepted_(socket);
    return true;
  }

  const std::function<void(int)> accepted_;
  std::atomic<int> fault_ = 0;
};

/// An errno as the end of a sentence; 0 if the system was not asked, for want of an address.
std::string reason(int fault) {
  if (fault == 0) return "there is no such address";
  std::string text = std::generic_category().message(fault);
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

}  // namespace

struct Acceptor::Impl {
  Impl(std::function<void(int)> accepted, std::function<void(std::string_view)> log_to)
      : listener(std::move(accepted)), log(std::move(log_to)) {}

  void run(const std::string& host, uint16_t port);
  bool reopen(const std::string& host, uint16_t port);

  Listener listener;
  const std::function<void(std::string_view)> log;
  std::atomic<bool> stopping = false;
  std::thread thread;
};

void Acceptor::Impl::run(const std::string& host, uint16_t port) {
  do {
    listener.accept_all();
  } while (!stopping && reopen(host, port));
}

/// The library gives up on the first error of accept() that it does not expect, and some of them
/// (ENOBUFS, ENFILE, ECONNABORTED) pass.
bool Acceptor::Impl::reopen(const std::string& host, uint16_t port) {
  log(fmt::format("the listening socket on {}:{} failed and is opened again", host, port));
  while (!stopping && listener.open(host, port) == 0) {
    std::this_thread::sleep_for(kReopenInterval);
  }
  return !stopping;
}

Acceptor::Acceptor(std::function<void(int)> accepted, std::function<void(std::string_view)> log)
    : impl_(std::make_unique<Impl>(std::move(accepted), std::move(log))) {}

Acceptor::~Acceptor() { stop(); }

Result<uint16_t> Acceptor::start(const std::string& host, uint16_t port) {
  const uint16_t bound = impl_->listener.open(host, port);
  if (bound == 0) {
    return std::unexpected(Error{
        fmt::format("cannot listen on {}:{}: {}", host, port, reason(impl_->listener.fault()))});
  }
  impl_->thread = std::thread([impl = impl_.get(), host, bound] { impl->run(host, bound); });
  return bound;
}

void Acceptor::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->stopping = true;
  impl_->listener.shut();
  impl_->thread.join();
}

}  // namespace toll::http
