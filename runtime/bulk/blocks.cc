#include "runtime/bulk/blocks.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/bulk/words.h"

namespace toll::runtime {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;
constexpr size_t kReadBytes = size_t{1} << 18;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<void> BlockReader::read_more(std::string& text) {
  const size_t size = text.size();
  Result<size_t> bytes;
  text.resize_and_overwrite(size + kReadBytes, [&](char* room, size_t) {
    bytes = streams_.read({room + size, kReadBytes});
    return size + bytes.value_or(0);
  });
  if (!bytes) return std::unexpected(bytes.error());
  ended_ = *bytes == 0;
  return {};
}

Result<std::string> BlockReader::header(bool keep) {
  size_t end;
  while ((end = rest_.find('\n')) == rest_.npos && !ended_ && rest_.size() <= kTableLineBytesMax)
    if (auto read = read_more(rest_); !read) return std::unexpected(read.error());
  if (rest_.starts_with(kByteOrderMark)) {
    rest_.erase(0, kByteOrderMark.size());
    end = rest_.find('\n');
  }
  std::string line = rest_.substr(0, end);
  if (!keep) {
    rest_.erase(0, end == rest_.npos ? rest_.size() : end + 1);
    ++line_;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

/// Drops what follows of a line that is too long, up to its line break.
Result<void> BlockReader::skip_line(std::string& text) {
  text.resize(kTableLineBytesMax + 1);
  std::string dropped;
  while (!ended_) {
    dropped.clear();
    if (auto read = read_more(dropped); !read) return read;
    const size_t end = dropped.find('\n');
    if (end == dropped.npos) continue;
    text += '\n';
    rest_ = dropped.substr(end + 1);
    break;
  }
  return {};
}

Result<bool> BlockReader::next(Block& block) {
  block.text = std::exchange(rest_, {});
  block.first_line = line_;
  for (size_t end; true;) {
    end = block.text.rfind('\n');
    if (end != block.text.npos && (block.text.size() >= kBlockBytes || ended_)) {
      if (ended_) break;
      rest_ = block.text.substr(end + 1);
      block.text.resize(end + 1);
      break;
    }
    if (ended_) break;
    if (end == block.text.npos && block.text.size() > kTableLineBytesMax) {
      if (auto skipped = skip_line(block.text); !skipped) return std::unexpected(skipped.error());
      break;
    }
    if (auto read = read_more(block.text); !read) return std::unexpected(read.error());
  }
  line_ += count_of(block.text, '\n');
  return !block.text.empty();
}

namespace {

/// The workers and the blocks that are on their way.
class Pipeline {
 public:
  Pipeline(unsigned threads, const std::function<void(unsigned, Block&)>& work) : work_(work) {
    for (unsigned i = 0; i < threads; ++i) workers_.emplace_back([this, i] { run_worker(i); });
  }
  ~Pipeline() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
  }

  size_t on_their_way() const { return in_order_.size(); }

  void begin(std::unique_ptr<Block> block) {
    {
      const std::lock_guard lock(mutex_);
      in_order_.push_back({std::move(block), false});
      waiting_.push_back(&in_order_.back());
    }
    changed_.notify_all();
  }

  /// Waits for the block that was begun first. REQUIRES: there is one.
  std::unique_ptr<Block> end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_order_.front().done; });
    auto block = std::move(in_order_.front().block);
    in_order_.pop_front();
    return block;
  }

 private:
  struct Slot {
    std::unique_ptr<Block> block;
    bool done = false;
  };

  void run_worker(unsigned index) {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      Slot* const slot = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      work_(index, *slot->block);
      lock.lock();
      slot->done = true;
      changed_.notify_all();
    }
  }

  const std::function<void(unsigned, Block&)>& work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Slot> in_order_;  // only its ends change, so that pointers to slots stay
  std::deque<Slot*> waiting_;
  bool stopped_ = false;
  std::vector<std::jthread> workers_;  // last: they are joined before what they use is gone
};

}  // namespace

Result<void> run_blocks(BlockReader& reader, unsigned threads,
                        const std::function<void(unsigned, Block&)>& work,
                        const std::function<Result<void>(Block&)>& done) {
  Pipeline pipeline(threads, work);
  std::vector<std::unique_ptr<Block>> spare;
  for (bool more = true; more || pipeline.on_their_way() > 0;) {
    if (more && pipeline.on_their_way() < size_t{2} * threads) {
      auto block = spare.empty() ? std::make_unique<Block>() : std::move(spare.back());
      if (!spare.empty()) spare.pop_back();
      auto next = reader.next(*block);
      if (!next) return std::unexpected(std::move(next.error()));
      more = *next;
      if (more) pipeline.begin(std::move(block));
      continue;
    }
    auto block = pipeline.end();
    if (auto result = done(*block); !result) return result;
    block->amounts.clear();
    block->rejections.clear();
    block->totals = {};
    spare.push_back(std::move(block));
  }
  return {};
}

}  // namespace toll::runtime
