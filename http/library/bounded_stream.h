// The bytes of one connection, with bounds that the library does not have: it limits the time of
// each read, so a client that sends a byte now and then may take hours for a head, and it adds up
// no sizes of header fields.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "http/library/cpp_httplib.h"
#include "http/server.h"

namespace toll::http {

/// Used for all requests of a connection, whose buffer it keeps: the library makes a new stream for
/// each, and loses what a client sent ahead. Thread rule: one thread.
class BoundedStream final : public httplib::Stream {
 public:
  BoundedStream(socket_t socket, const Limits& limits);

  /// A request is about to be read; its time counts from the first byte.
  void begin_request();
  /// What follows are bytes of the body.
  void end_head() { head_bytes_left_ = SIZE_MAX; }
  /// From now on the client has this long for the rest.
  void hurry(std::chrono::milliseconds time);

  /// Why the request could not be read.
  bool late() const { return late_; }
  bool head_too_large() const { return head_too_large_; }

  ssize_t read(char* bytes, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;

  bool is_readable() const override { return inner_.is_readable(); }
  bool wait_readable() const override { return inner_.wait_readable(); }
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

  bool prepare_wait();

  const Limits& limits_;
  httplib::detail::SocketStream inner_;
  std::optional<Clock::time_point> request_end_;
  std::optional<Clock::time_point> answer_end_;
  size_t head_bytes_left_ = 0;
  bool late_ = false;
  bool head_too_large_ = false;
};

}  // namespace toll::http
