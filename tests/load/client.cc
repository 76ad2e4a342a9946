#include "tests/load/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace toll::load {
namespace {

std::string_view field(std::string_view head, std::string_view name) {
  const size_t at = head.find(name);
  if (at == head.npos) return {};
  const size_t begin = at + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

template <typename Number>
Number number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

bool Client::open(uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  if (connect(socket_, to, sizeof address) != 0 && errno != EINPROGRESS) {
    close();
    return false;
  }
  state_ = State::Connecting;
  return true;
}

void Client::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = State::Closed;
  answer_.clear();
}

void Client::ask(std::string_view request, Clock::time_point due) {
  due_ = due;
  request_ = request;
  if (state_ == State::Connecting) return;
  state_ = State::Asking;
  send_request();
}

void Client::send_request() {
  // A request fits into the system's buffer; where the other side has closed, receiving says so.
  ::send(socket_, request_.data(), request_.size(), MSG_NOSIGNAL);
}

Client::Event Client::connected() {
  int fault = 0;
  socklen_t size = sizeof fault;
  getsockopt(socket_, SOL_SOCKET, SO_ERROR, &fault, &size);
  if (fault != 0) {
    close();
    return Event::Unconnected;
  }
  state_ = State::Asking;
  send_request();
  return Event::None;
}

Client::Event Client::failed() {
  const Event event = state_ != State::Asking ? Event::None
                      : answer_.empty()       ? Event::Unanswered
                                              : Event::Cut;
  close();
  return event;
}

Client::Event Client::advance() {
  if (state_ == State::Closed) return Event::None;
  if (state_ == State::Connecting) return connected();
  std::array<char, 16 * 1024> block;
  const ssize_t bytes = recv(socket_, block.data(), block.size(), 0);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return Event::None;
  if (bytes <= 0) return failed();
  answer_.append(block.data(), static_cast<size_t>(bytes));
  return take_answer() ? Event::Answered : Event::None;
}

/// True when it is whole.
bool Client::take_answer() {
  const size_t end = answer_.find("\r\n\r\n");
  if (end == answer_.npos) return false;
  const std::string_view head(answer_.data(), end + 2);
  if (answer_.size() < end + 4 + number<size_t>(field(head, "\r\nContent-Length: "))) return false;
  status_ = number<int>(field(head, "HTTP/1.1 "));
  says_when_ = number<int>(field(head, "\r\nRetry-After: ")) > 0;
  const bool ends = field(head, "\r\nConnection: ") == "close";
  answer_.clear();
  state_ = State::Free;
  if (ends) close();
  return true;
}

}  // namespace toll::load
