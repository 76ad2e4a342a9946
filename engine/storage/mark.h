// A witness of how far the store had come, in a small file of its own beside it: a store that comes
// back with less has lost what was acknowledged, and must not go on as if nothing were missing.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"

namespace toll::engine {

class Mark {
 public:
  explicit Mark(std::filesystem::path file) : file_(std::move(file)) {}

  /// What the file says; nothing where there is none yet.
  Result<std::optional<uint64_t>> read() const;

  /// Writes the file, at most once a second. `position` is durable in the store.
  Result<void> advance(uint64_t position);

  /// Writes it now.
  Result<void> set(uint64_t position);

 private:
  const std::filesystem::path file_;
  std::chrono::steady_clock::time_point written_ = {};
};

}  // namespace toll::engine
