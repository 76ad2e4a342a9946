// The streams of one request, on the connection that the library reads heads and bodies from. The
// library writes answers only once a request is read; this one is written past it, in chunks.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/library/bounded_stream.h"
#include "http/library/cpp_httplib.h"
#include "http/server.h"

namespace toll::http {

/// Thread rule: one thread.
class StreamAnswer final : public Duplex {
 public:
  /// `read_body` hands on the body without its transfer coding. `headers` are added to the
  /// answer's. References are kept.
  StreamAnswer(BoundedStream& stream, size_t body_bytes_max,
               const std::vector<std::pair<std::string, std::string>>& headers,
               std::function<bool(const httplib::ContentReceiver&)> read_body,
               std::function<bool()> server_ends)
      : stream_(stream),
        body_bytes_max_(body_bytes_max),
        headers_(headers),
        read_body_(std::move(read_body)),
        server_ends_(std::move(server_ends)) {
    stream.begin_duplex();
  }

  bool read(const std::function<bool(std::string_view)>& take,
            const std::function<bool()>& idle) override;
  void begin(const Response& head) override;
  bool write(std::string_view piece) override;
  bool flush() override;
  bool goes_on() const override;

  /// Sends what waits, and unless it is to be cut off, the end of an answer whose request was read
  /// to its end; false if the connection is of no use any more.
  bool finish(bool cut_off);

  bool begun() const { return status_ != 0; }
  bool touched() const { return touched_; }  ///< the body, by a read()
  bool ended() const { return ended_; }      ///< the body
  bool too_large() const { return too_large_; }
  int status() const { return status_; }

 private:
  BoundedStream& stream_;
  const size_t body_bytes_max_;
  const std::vector<std::pair<std::string, std::string>>& headers_;
  const std::function<bool(const httplib::ContentReceiver&)> read_body_;
  const std::function<bool()> server_ends_;
  int status_ = 0;
  bool touched_ = false;
  bool ended_ = false;
  bool too_large_ = false;
  bool gone_ = false;
  std::string chunk_;
};

}  // namespace toll::http
