#include "tests/bench/http/load.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/give_up.h"

namespace toll::bench {
namespace {

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

/// The lines of an answer in chunks, as they arrive.
class ChunkedLines {
 public:
  /// False when the answer is whole.
  bool take(std::string_view bytes) {
    while (!bytes.empty() && !over_) {
      if (chunk_left_ > 0) {
        const std::string_view data = bytes.substr(0, chunk_left_);
        count_lines(data);
        chunk_left_ -= data.size();
        bytes.remove_prefix(data.size());
        continue;
      }
      head_ += bytes.front();  // the answer's head, or a chunk's
      bytes.remove_prefix(1);
      take_head();
    }
    return !over_;
  }

  uint64_t lines() const { return lines_; }

 private:
  void take_head() {
    if (in_answer_head_) {
      if (!head_.ends_with("\r\n\r\n")) return;
      if (!head_.starts_with("HTTP/1.1 200 ")) give_up(head_);
      in_answer_head_ = false;
      head_.clear();
    } else if (head_.size() > 2 && head_.ends_with("\r\n")) {  // not what ends a chunk's data
      const size_t begin = head_.starts_with("\r\n") ? 2 : 0;
      std::from_chars(head_.data() + begin, head_.data() + head_.size(), chunk_left_, 16);
      over_ = chunk_left_ == 0;
      head_.clear();
    }
  }

  void count_lines(std::string_view data) {
    if (data.contains("{\"line\":")) give_up(data.substr(0, 400));
    for (size_t at = 0; (at = data.find('\n', at)) != data.npos; ++at) ++lines_;
  }

  bool in_answer_head_ = true;
  bool over_ = false;
  std::string head_;
  size_t chunk_left_ = 0;
  uint64_t lines_ = 0;
};

}  // namespace

Load post_lines(uint16_t port, const std::string& path, const std::string& line, uint64_t lines) {
  const Connection connection(port);
  const std::string one = line + "\n";
  std::string block;
  while (block.size() < 256 * 1024) block += one;
  uint64_t left = lines * one.size();
  std::string head = fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
      "Content-Length: {}\r\n\r\n",
      path, left);
  const auto begin = std::chrono::steady_clock::now();
  ::send(connection.socket(), head.data(), head.size(), MSG_NOSIGNAL);
  ChunkedLines answers;
  std::array<char, 256 * 1024> received;
  size_t at = 0;  // of the block: how far it is sent
  while (true) {
    pollfd waiting{connection.socket(), static_cast<short>(POLLIN | (left > 0 ? POLLOUT : 0)), 0};
    if (poll(&waiting, 1, 10'000) <= 0) give_up("the service answers no more");
    if (waiting.revents & POLLIN) {
      const ssize_t bytes = recv(waiting.fd, received.data(), received.size(), 0);
      if (bytes <= 0) give_up("the service closed a connection");
      if (!answers.take({received.data(), static_cast<size_t>(bytes)})) break;
    }
    if (waiting.revents & POLLOUT) {
      const size_t most = std::min<uint64_t>(block.size() - at, left);
      const ssize_t bytes =
          ::send(waiting.fd, block.data() + at, most, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (bytes <= 0) continue;
      at = (at + static_cast<size_t>(bytes)) % block.size();
      left -= static_cast<uint64_t>(bytes);
    }
  }
  if (answers.lines() != lines) give_up("lines without an answer");
  return {.answers = lines, .times = {}, .elapsed = std::chrono::steady_clock::now() - begin};
}

Load post(uint16_t port, const std::string& path, const std::string& body, int connections,
          std::chrono::duration<double> time, const std::string& fields) {
  const std::string request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{}"
      "Content-Length: {}\r\n\r\n{}",
      path, fields, body.size(), body);
  std::vector<std::unique_ptr<Connection>> open;
  std::vector<pollfd> waiting;
  for (int i = 0; i < connections; ++i) {
    open.push_back(std::make_unique<Connection>(port));
    waiting.push_back({open.back()->socket(), POLLIN, 0});
  }
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::chrono::steady_clock::time_point> sent(open.size(), begin);
  for (const auto& connection : open) connection->send(request);
  Load load;
  while (load.elapsed < time) {
    poll(waiting.data(), waiting.size(), 1000);
    for (size_t i = 0; i < open.size(); ++i) {
      if (waiting[i].revents == 0 || !open[i]->receive()) continue;
      ++load.answers;
      const auto now = std::chrono::steady_clock::now();
      load.times.add(now - std::exchange(sent[i], now));
      open[i]->send(request);
    }
    load.elapsed = std::chrono::steady_clock::now() - begin;
  }
  return load;
}

}  // namespace toll::bench
