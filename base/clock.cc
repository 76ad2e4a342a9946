#include "base/clock.h"

#include <atomic>

namespace toll {
namespace {

using Offset = std::chrono::system_clock::duration;

/// Nothing waits for it, so that no order with other memory matters.
std::atomic<Offset::rep>& offset() {
  static std::atomic<Offset::rep> value{0};
  return value;
}

}  // namespace

TimePoint now() {
  return std::chrono::system_clock::now() + Offset(offset().load(std::memory_order_relaxed));
}

MovedClock::~MovedClock() { offset().store(0, std::memory_order_relaxed); }

void MovedClock::move(TimePoint to) {
  offset().store((to - std::chrono::system_clock::now()).count(), std::memory_order_relaxed);
}

}  // namespace toll
