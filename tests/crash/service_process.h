// `toll serve` as a process of its own, which may be killed or asked to end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace toll::crash {

class ServiceProcess {
 public:
  /// Returns once it listens. A service that does not start fails the test.
  /// `more` are further words of the command line.
  ServiceProcess(const std::filesystem::path& cards, const std::filesystem::path& data,
                 const std::vector<std::string>& more = {});
  ServiceProcess(const ServiceProcess&) = delete;
  ~ServiceProcess() { kill(); }

  uint16_t port() const { return port_; }
  pid_t process() const { return pid_; }

  /// kill -9, and waits until it is gone.
  void kill();

  /// Asks it to end (SIGTERM), and waits until it has: its exit code, or -1 if it died otherwise.
  int end();

 private:
  pid_t pid_ = -1;
  uint16_t port_ = 0;
};

}  // namespace toll::crash
