// Who may ask the service for what: the keys of a file, as the gate in front of its routes.
//
//   401  no key, or none that is good now      WWW-Authenticate says what is wanted (RFC 6750)
//   403  a key without the scope of the route, or for one customer only
//   429  a key that asks more often than it may, with Retry-After
//
// A key with a limit gets RateLimit and RateLimit-Policy in every answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/server.h"
#include "server/keys.h"

namespace toll::server {

/// Reads the file again within a quarter of a second of its change. A file that is in error then
/// changes nothing, and the log says so; the keys that were read last go on.
/// Thread rule: any thread.
class Access {
 public:
  /// Fails where the file cannot be read or is in error.
  static Result<std::unique_ptr<Access>> open(const std::string& path);
  Access(const Access&) = delete;
  ~Access();

  /// For http::ServerOptions. REQUIRES: this outlives the server.
  http::Gate gate();

  /// Now, whether the file changed or not.
  void reread();

  /// Takes further tokens of the key that a request came with: of one that asks for much at once.
  /// They may go beyond what it has; what it asks next then waits.
  void charge(std::string_view caller, uint64_t requests);

  /// Whether the key of a request still lets its caller in: for answers that take long.
  bool lets_in(std::string_view caller) const;

  /// What came with a key since the service began.
  struct Use {
    std::string id, name;
    uint64_t requests = 0;
    std::chrono::system_clock::time_point last{};  ///< the epoch: never
  };
  std::vector<Use> uses() const;

  /// Keys that would be let in now.
  size_t good_keys() const;

 private:
  struct Impl;
  explicit Access(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::server
