// One line that is written over, a few times a second, where a person looks on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace toll::cli {

/// Thread rule: one thread.
class ProgressBar {
 public:
  ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  /// `bytes` of `of` are done, with so many events in them; without `of` nobody knows how many
  /// there are.
  void show(uint64_t bytes, std::optional<uint64_t> of, uint64_t events);

  /// Makes room for another line.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  const bool watched_;
  const Clock::time_point begun_ = Clock::now();
  Clock::time_point shown_{};
  bool visible_ = false;
};

}  // namespace toll::cli
