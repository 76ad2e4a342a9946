#include "tests/bench/http/load.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace toll::bench {
namespace {

[[noreturn]] void give_up(std::string_view why) {
  fmt::print(stderr, "http_bench: {}\n", why);
  std::exit(1);
}

/// One keep-alive connection.
class Connection {
 public:
  explicit Connection(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      give_up("cannot connect");
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  Connection(const Connection&) = delete;
  ~Connection() { close(socket_); }

  int socket() const { return socket_; }

  void send(std::string_view request) {
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      give_up("cannot send");
  }

  /// Takes what has arrived; true when that completes an answer.
  bool receive() {
    std::array<char, 16 * 1024> block;
    const ssize_t bytes = recv(socket_, block.data(), block.size(), 0);
    if (bytes <= 0) give_up("the server closed a connection");
    answer_.append(block.data(), static_cast<size_t>(bytes));
    const size_t head = answer_.find("\r\n\r\n");
    if (head == answer_.npos || answer_.size() < head + 4 + body_bytes(head)) return false;
    if (!answer_.starts_with("HTTP/1.1 200 ")) give_up(answer_);
    answer_.clear();
    return true;
  }

 private:
  size_t body_bytes(size_t head) const {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const size_t at = answer_.find(kName);
    size_t bytes = 0;
    if (at > head) give_up("an answer without Content-Length");
    std::from_chars(answer_.data() + at + kName.size(), answer_.data() + head, bytes);
    return bytes;
  }

  const int socket_;
  std::string answer_;
};

}  // namespace

Load post(uint16_t port, const std::string& path, const std::string& body, int connections,
          std::chrono::duration<double> time) {
  const std::string request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      path, body.size(), body);
  std::vector<std::unique_ptr<Connection>> open;
  std::vector<pollfd> waiting;
  for (int i = 0; i < connections; ++i) {
    open.push_back(std::make_unique<Connection>(port));
    waiting.push_back({open.back()->socket(), POLLIN, 0});
  }
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& connection : open) connection->send(request);
  Load load;
  while (load.elapsed < time) {
    poll(waiting.data(), waiting.size(), 1000);
    for (size_t i = 0; i < open.size(); ++i) {
      if (waiting[i].revents == 0 || !open[i]->receive()) continue;
      ++load.answers;
      open[i]->send(request);
    }
    load.elapsed = std::chrono::steady_clock::now() - begin;
  }
  return load;
}

}  // namespace toll::bench
