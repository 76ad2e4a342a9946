// One connection of a load: it connects, sends and receives without ever waiting.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace toll::load {

class Client {
 public:
  using Clock = std::chrono::steady_clock;
  enum class State { Closed, Connecting, Free, Asking };
  enum class Event { None, Ready, Answered, Cut, Unanswered, Unconnected };

  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(); }

  /// Begins to connect; false if the system has no connection to give.
  bool open(uint16_t port);
  void close();

  /// Sends a request that was due at that moment. REQUIRES: free, or just opened: then it is sent
  /// once it is connected.
  void ask(std::string_view request, Clock::time_point due);

  /// What became of it when the system had news of the connection. After Answered and with a status
  /// it may be free again or closed.
  Event advance();

  int socket() const { return socket_; }
  State state() const { return state_; }
  Clock::time_point due() const { return due_; }
  int status() const { return status_; }
  bool says_when() const { return says_when_; }  ///< the answer has Retry-After

 private:
  Event connected();
  Event failed();
  void send_request();
  bool take_answer();

  int socket_ = -1;
  State state_ = State::Closed;
  Clock::time_point due_{};
  std::string_view request_;
  std::string answer_;
  int status_ = 0;
  bool says_when_ = false;
};

}  // namespace toll::load
