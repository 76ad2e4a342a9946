// The time, from one place, so that a test can be at another.
#pragma once

#include <chrono>

namespace toll {

using TimePoint = std::chrono::system_clock::time_point;

/// Now. Any thread.
TimePoint now();

/// Sets the clock of this process while it lives, for tests: it goes on from there. One at a time.
class MovedClock {
 public:
  explicit MovedClock(TimePoint to) { move(to); }
  MovedClock(const MovedClock&) = delete;
  MovedClock& operator=(const MovedClock&) = delete;
  ~MovedClock();

  void move(TimePoint to);
};

}  // namespace toll
