#include "tests/unit/http/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <thread>

namespace toll::http {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};

bool readable_within(int fd, std::chrono::milliseconds time) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(time.count())) > 0;
}

WireAnswer parse_head(std::string_view head) {
  WireAnswer answer;
  answer.status = std::stoi(std::string(head.substr(9, 3)));
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const size_t colon = line.find(": ");
    answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return answer;
}

}  // namespace

std::string WireAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Wire::Wire(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    throw std::runtime_error("nobody listens");
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Wire::~Wire() { ::close(fd_); }

bool Wire::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void Wire::trickle(std::string_view bytes, std::chrono::milliseconds pause) {
  for (const char byte : bytes) {
    if (!send({&byte, 1}) || readable_within(fd_, pause)) return;
  }
}

void Wire::send_end() { ::shutdown(fd_, SHUT_WR); }

bool Wire::read_more(std::chrono::milliseconds time) {
  if (ended_ || !readable_within(fd_, time)) return false;
  std::array<char, 64 * 1024> bytes;
  const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
  ended_ = got <= 0;
  if (got > 0) buffer_.append(bytes.data(), static_cast<size_t>(got));
  return got > 0;
}

std::optional<WireAnswer> Wire::receive(bool to_head) {
  size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(kPatience)) return std::nullopt;
  }
  WireAnswer answer = parse_head(std::string_view(buffer_).substr(0, end + 2));
  buffer_.erase(0, end + 4);
  if (answer.header("Transfer-Encoding") == "chunked") return receive_chunks(std::move(answer));
  const std::string length = answer.header("Content-Length");
  const size_t size = to_head || length.empty() ? 0 : std::stoul(length);
  while (buffer_.size() < size) {
    if (!read_more(kPatience)) return std::nullopt;
  }
  answer.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

std::optional<WireAnswer> Wire::receive_chunks(WireAnswer answer) {
  const auto have = [this](size_t bytes) {
    while (buffer_.size() < bytes) {
      if (!read_more(kPatience)) return false;
    }
    return true;
  };
  while (true) {
    size_t end;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      if (!read_more(kPatience)) return std::nullopt;
    }
    const size_t size = std::stoul(buffer_, nullptr, 16);
    if (!have(end + 2 + size + 2)) return std::nullopt;
    answer.body += buffer_.substr(end + 2, size);
    buffer_.erase(0, end + 2 + size + 2);
    if (size == 0) return answer;
  }
}

std::string Wire::receive_bytes(std::string_view until) {
  size_t at;
  while ((at = buffer_.find(until)) == std::string::npos && read_more(kPatience)) {
  }
  const size_t size = at == std::string::npos ? buffer_.size() : at + until.size();
  std::string bytes = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return bytes;
}

bool Wire::closes_within(std::chrono::milliseconds time) {
  const bool sent_more = read_more(time);
  return ended_ && !sent_more && buffer_.empty();
}

std::optional<WireAnswer> ask(uint16_t port, std::string_view bytes) {
  Wire wire(port);
  wire.send(bytes);
  return wire.receive();
}

int status_of(uint16_t port, std::string_view bytes) {
  const auto answer = ask(port, bytes);
  return answer ? answer->status : 0;
}

}  // namespace toll::http
