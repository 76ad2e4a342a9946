#include "server/batch/batch.h"

#include <algorithm>
#include <utility>

#include "server/quote_lines.h"

namespace toll::server {
namespace {

/// Large enough that handing it on costs little beside rating it, small enough that all threads
/// have one soon.
constexpr size_t kBlockBytes = size_t{64} << 10;

/// Blocks that are rated, or wait to be rated or written.
constexpr size_t kBlocksMax = 8;

}  // namespace

Batch::Batch(BatchTerms terms, Workers& workers, std::function<bool(std::string_view)> write)
    : terms_(std::move(terms)), workers_(workers), write_(std::move(write)) {}

Batch::~Batch() {
  for (const auto& block : blocks_) block->wait();
}

bool Batch::take(std::string_view piece) {
  if (skips_line_) {
    const size_t line_break = piece.find('\n');
    if (line_break == piece.npos) return !unwanted_;
    refuse_line();
    piece.remove_prefix(line_break + 1);
  }
  gathered_ += piece;
  if (const size_t last = piece.rfind('\n'); last != piece.npos)
    whole_ = gathered_.size() - (piece.size() - last - 1);
  if (whole_ >= kBlockBytes) cut();
  if (gathered_.size() - whole_ > kBatchLineBytesMax) {
    cut();
    gathered_.clear();
    skips_line_ = true;
  }
  return !unwanted_;
}

bool Batch::idle() {
  if (unwanted_) return false;
  if (!blocks_.empty()) {
    write_first();
    return true;
  }
  if (whole_ == 0) return false;
  cut();
  return true;
}

bool Batch::end() {
  if (skips_line_) refuse_line();
  whole_ = gathered_.size();
  cut();
  while (!blocks_.empty()) write_first();
  return !unwanted_;
}

/// Makes a block of the whole lines.
void Batch::cut() {
  if (whole_ == 0) return;
  std::string rest = gathered_.substr(whole_);
  gathered_.resize(whole_);
  const auto breaks = static_cast<uint64_t>(std::ranges::count(gathered_, '\n'));
  const uint64_t count = breaks + (gathered_.ends_with('\n') ? 0 : 1);
  auto block = std::make_unique<Block>(std::move(gathered_), lines_ + 1);
  lines_ += count;
  gathered_ = std::move(rest);
  whole_ = 0;
  start(std::move(block));
}

/// The line that was too long has ended.
void Batch::refuse_line() {
  skips_line_ = false;
  std::string answer;
  refuse_long_line(++lines_, answer);
  blocks_.push_back(std::make_unique<Block>(std::move(answer)));
}

void Batch::start(std::unique_ptr<Block> block) {
  while (blocks_.size() >= kBlocksMax) write_first();
  blocks_.push_back(std::move(block));
  run(*blocks_.back());
}

void Batch::run(Block& block) {
  block.begin();
  workers_.run([&block, &terms = terms_] {
    block.rate(terms);
    block.finish();
  });
}

/// Waits for the answers that come next. A block whose answers are many is rated part by part.
void Batch::write_first() {
  Block& block = *blocks_.front();
  while (true) {
    block.wait();
    failed_ = failed_ || block.failed();
    unwanted_ = unwanted_ || failed_ || !write_(block.answers());
    if (unwanted_ || !block.has_more()) break;
    block.answers().clear();
    run(block);
  }
  blocks_.pop_front();
}

}  // namespace toll::server
