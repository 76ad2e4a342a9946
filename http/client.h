// A blocking HTTP/1.1 client for tests, tools and exporters. Without TLS, so for the loopback
// interface and for peers behind a proxy that adds it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace toll::http {

struct ClientOptions {
  std::chrono::milliseconds connect_time_max{2000};
  std::chrono::milliseconds request_time_max{30'000};  ///< one request and its answer, in all
  size_t body_bytes_max = 64 * 1024 * 1024;            ///< of an answer; larger ones are an error
};

/// Keeps its connection open between requests and opens a new one when the server has closed it.
/// Redirects are not followed, compressed answers not unpacked. A request is sent once: whether to
/// repeat it is the caller's decision.
/// Thread rule: one request at a time; give each thread a client of its own.
class Client {
 public:
  Client(std::string host, uint16_t port, ClientOptions options = {});
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// Sends a request and waits for the answer, of whatever status. `target` is a path with or
  /// without a query, percent-encoded by the caller. Host, Content-Length and User-Agent are added;
  /// a body wants a Content-Type among `headers`. Fails when there is no complete answer in time,
  /// and when target or headers would break the framing.
  /// In the answer `headers` keep the names the server sent; Content-Type is in `content_type`
  /// only.
  Result<Response> request(std::string_view method, std::string_view target,
                           const std::vector<std::pair<std::string, std::string>>& headers = {},
                           std::string_view body = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::http
