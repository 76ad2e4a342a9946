// Memory for texts that stay where they are until all of them go.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace toll::engine {

/// Not thread-safe; what one arena lets go another one takes, on any thread.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept { swap(other); }
  Arena& operator=(Arena&& other) noexcept {
    Arena(std::move(other)).swap(*this);
    return *this;
  }
  ~Arena();

  char* room(size_t bytes);
  std::string_view keep(std::string_view text);

  /// That were asked for.
  size_t bytes() const { return bytes_; }

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };
  class Pool;

  void swap(Arena& other) noexcept;

  std::vector<Chunk> chunks_;
  size_t used_ = 0;  // of the last chunk
  size_t bytes_ = 0;
};

}  // namespace toll::engine
