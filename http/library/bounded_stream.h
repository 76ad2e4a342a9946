// The bytes of one connection, with bounds that the library does not have: it limits the time of
// each read, so a client that sends a byte now and then may take hours for a head, and it adds up
// no sizes of header fields.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/library/cpp_httplib.h"
#include "http/server.h"

namespace toll::http {

/// Used for all requests of a connection, whose buffer it keeps: the library makes a new stream for
/// each, and loses what a client sent ahead. Thread rule: one thread.
class BoundedStream final : public httplib::Stream {
 public:
  BoundedStream(socket_t socket, const Limits& limits);

  enum class Arrival { Bytes, Nothing, End };
  /// Whether bytes of a next request are there, or none will come.
  Arrival arrives();
  /// The same, and they are left where they are: read with the next arrives().
  Arrival looks() const;

  /// Nothing is left in the system: what comes is news of the socket.
  bool is_drained() const { return drained_ && begin_ == end_; }

  /// A request is about to be read; its time counts from the first byte.
  void begin_request();
  /// What follows are bytes of the body: at most so many are read.
  void end_head(size_t body_bytes_max) {
    bytes_left_ = body_bytes_max;
    in_head_ = false;
  }
  /// From now on the client has this long for the rest.
  void hurry(std::chrono::milliseconds time);

  /// Body and answer are streams: times are counted as http::Duplex says.
  void begin_duplex();
  /// Called before more of such a body is waited for; null: the body is not read.
  void set_idle(const std::function<bool()>* idle) { idle_ = idle; }
  /// Writes without waiting what the client takes; the rest goes along with what comes next. Waits
  /// where more than a bound is left. False: the client is gone, or was waited for too long.
  bool write_behind(std::string_view bytes);
  /// Writes all that is left.
  bool flush();
  /// The answer is written: what the library writes to this request goes nowhere.
  void end_answer() { answered_ = true; }

  /// The connection ends with this request.
  bool is_last() const { return last_; }
  void set_last(bool last) { last_ = last; }

  /// Why the request could not be read.
  bool late() const { return late_; }
  bool head_too_large() const { return head_too_large_; }

  ssize_t read(char* bytes, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;

  bool is_readable() const override { return begin_ < end_; }
  bool wait_readable() const override { return is_readable() || inner_.wait_readable(); }
  bool wait_writable() const override { return inner_.wait_writable(); }
  bool is_peer_alive() const override { return inner_.is_peer_alive(); }
  socket_t socket() const override { return inner_.socket(); }
  time_t duration() const override { return inner_.duration(); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    inner_.get_remote_ip_and_port(ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    inner_.get_local_ip_and_port(ip, port);
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool prepare_wait(Clock::time_point now);
  ssize_t receive(char* bytes, size_t size);
  void count_of_head(char last, size_t size);
  bool wait_duplex();
  bool send_some();
  bool wait_for(short events, std::chrono::milliseconds& budget);

  const Limits& limits_;
  httplib::detail::SocketStream inner_;  ///< holds no bytes: it is asked for many at a time
  std::array<char, 8192> received_;
  size_t begin_ = 0, end_ = 0;  ///< of received_: what was not read yet
  std::optional<Clock::time_point> request_end_;
  std::optional<Clock::time_point> answer_end_;
  size_t bytes_left_ = 0;
  size_t line_bytes_ = 0;  ///< of the head's line that is read now
  bool drained_ = false;   ///< the last look found less than it had room for
  bool in_head_ = true;
  bool late_ = false;
  bool head_too_large_ = false;
  bool last_ = false;

  // Of a duplex request.
  const std::function<bool()>* idle_ = nullptr;
  bool answered_ = false;
  std::string unsent_;
  size_t sent_ = 0;                          ///< bytes of unsent_ that are gone
  std::chrono::milliseconds read_budget_{};  ///< how long the client may still be waited for
  std::chrono::milliseconds write_budget_{};
  size_t read_bytes_ = 0, written_bytes_ = 0;  ///< that have not lengthened a budget yet
};

}  // namespace toll::http
