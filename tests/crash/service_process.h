// `toll serve` as a process of its own, which may be killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace toll::crash {

class ServiceProcess {
 public:
  /// Returns once it listens. A service that does not start fails the test.
  ServiceProcess(const std::filesystem::path& cards, const std::filesystem::path& data);
  ServiceProcess(const ServiceProcess&) = delete;
  ~ServiceProcess() { kill(); }

  uint16_t port() const { return port_; }

  /// kill -9, and waits until it is gone.
  void kill();

 private:
  pid_t pid_ = -1;
  uint16_t port_ = 0;
};

}  // namespace toll::crash
