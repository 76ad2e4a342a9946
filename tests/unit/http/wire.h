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

  friend bool operator==(const WireAnswer&, const WireAnswer&) = default;

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

  /// The next answer, with its body by Content-Length or in chunks unless `to_head`. Nothing if the
  /// peer closes or is silent for too long before it is whole.
  std::optional<WireAnswer> receive(bool to_head = false);

  /// What arrives, as it stands, up to and with this text; or less, if the peer closes or is silent
  /// before.
  std::string receive_bytes(std::string_view until);

  /// Bytes that arrived and belong to no answer that was received.
  size_t unread() const { return buffer_.size(); }

  /// True if the peer closes, in order, within `time` and without sending anything more.
  bool closes_within(std::chrono::milliseconds time);

 private:
  std::optional<WireAnswer> receive_chunks(WireAnswer answer);
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
