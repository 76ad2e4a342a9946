// How long many things took, and how long the slowest of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace toll::testing {

class Times {
 public:
  void add(std::chrono::nanoseconds time) {
    const int64_t microseconds =
        std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    times_.push_back(static_cast<uint32_t>(std::clamp<int64_t>(microseconds, 0, UINT32_MAX)));
  }

  /// In milliseconds: the one of the sorted times that so large a part of them is below; 0 where
  /// there are none.
  double at(double part) const {
    if (times_.empty()) return 0;
    std::vector<uint32_t> sorted = times_;
    const auto place =
        std::min(sorted.size() - 1, static_cast<size_t>(part * static_cast<double>(sorted.size())));
    std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(place));
    return sorted[place] / 1000.0;
  }

 private:
  std::vector<uint32_t> times_;  // microseconds
};

}  // namespace toll::testing
