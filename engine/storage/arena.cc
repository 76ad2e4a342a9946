#include "engine/storage/arena.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

namespace toll::engine {
namespace {

constexpr size_t kChunkBytes = size_t{256} << 10;
constexpr size_t kPooledMax = 64;

}  // namespace

/// Chunks that nobody has now: memory from the system is new each time, and must be cleared by it.
class Arena::Pool {
 public:
  static Pool& of_all() {
    static Pool pool;
    return pool;
  }

  Chunk take() {
    {
      const std::lock_guard lock(mutex_);
      if (!chunks_.empty()) {
        Chunk chunk = std::move(chunks_.back());
        chunks_.pop_back();
        return chunk;
      }
    }
    return {std::make_unique_for_overwrite<char[]>(kChunkBytes), kChunkBytes};
  }

  void give_back(std::vector<Chunk>& chunks) {
    const std::lock_guard lock(mutex_);
    for (Chunk& chunk : chunks)
      if (chunk.size == kChunkBytes && chunks_.size() < kPooledMax)
        chunks_.push_back(std::move(chunk));
  }

 private:
  std::mutex mutex_;
  std::vector<Chunk> chunks_;
};

Arena::~Arena() {
  if (!chunks_.empty()) Pool::of_all().give_back(chunks_);
}

void Arena::swap(Arena& other) noexcept {
  chunks_.swap(other.chunks_);
  std::swap(used_, other.used_);
  std::swap(bytes_, other.bytes_);
}

char* Arena::room(size_t bytes) {
  if (chunks_.empty() || chunks_.back().size - used_ < bytes) {
    if (bytes <= kChunkBytes)
      chunks_.push_back(Pool::of_all().take());
    else
      chunks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
    used_ = 0;
  }
  char* const at = chunks_.back().bytes.get() + used_;
  used_ += bytes;
  bytes_ += bytes;
  return at;
}

std::string_view Arena::keep(std::string_view text) {
  if (text.empty()) return {};
  char* const at = room(text.size());
  std::memcpy(at, text.data(), text.size());
  return {at, text.size()};
}

}  // namespace toll::engine
