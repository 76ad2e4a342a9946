#include "http/connection/drain_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace toll::http {

DrainSignal::DrainSignal() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

DrainSignal::~DrainSignal() {
  if (fd_ >= 0) ::close(fd_);
}

void DrainSignal::raise() {
  raised_.store(true, std::memory_order_relaxed);
  if (fd_ >= 0) ::eventfd_write(fd_, 1);  // cannot fail: the counter is 0 or a few
}

}  // namespace toll::http
