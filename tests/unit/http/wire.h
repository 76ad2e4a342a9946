// A client that sends exactly the bytes it is told, well-formed or not, and reads answers apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toll::http {

/// An answer as it stood on the connection.
struct WireAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The first field of that name (exact case); empty if there is none.
  std::string header(std::string_view name) const;
};

class Wire {
 public:
  explicit Wire(uint16_t port);  ///< connects on loopback
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire();

  /// False if the peer no longer takes bytes.
  bool send(std::string_view bytes);
  /// One byte at a time with a pause behind each; stops when the peer has answered or closed.
  void trickle(std::string_view bytes, std::chrono::milliseconds pause);
  void send_end();  ///< nothing more will come: closes this direction

  /// The next answer, with its body by Content-Length unless `to_head`. Nothing if the peer closes
  /// or is silent for too long before it is whole.
  std::optional<WireAnswer> receive(bool to_head = false);

  /// True if the peer closes, in order, within `time` and without sending anything more.
  bool closes_within(std::chrono::milliseconds time);

 private:
  bool read_more(std::chrono::milliseconds time);

  int fd_;
  std::string buffer_;
  bool ended_ = false;
};

/// Sends `bytes` on a connection of its own and takes the first answer.
std::optional<WireAnswer> ask(uint16_t port, std::string_view bytes);

/// The status of that answer; 0 if there is none.
int status_of(uint16_t port, std::string_view bytes);

}  // namespace toll::http
