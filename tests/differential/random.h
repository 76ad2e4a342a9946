// Random choices that are the same on every machine for the same seed, which the distributions of
// the standard library do not promise.
#pragma once

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace toll::differential {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  /// 0 <= result < n. REQUIRES: n > 0.
  uint64_t below(uint64_t n) { return engine_() % n; }

  /// first <= result <= last.
  int64_t between(int64_t first, int64_t last) {
    return first + static_cast<int64_t>(below(static_cast<uint64_t>(last - first) + 1));
  }

  bool chance(int percent) { return below(100) < static_cast<uint64_t>(percent); }

  template <typename Values>
  const auto& pick(const Values& values) {
    return *(std::begin(values) + below(std::size(values)));
  }

  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace toll::differential
