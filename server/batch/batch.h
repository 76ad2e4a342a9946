// One batch: its body comes in pieces, is cut into blocks of whole lines, rated by several threads,
// and answered in order. What is in memory is bounded whatever the client sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/batch/block.h"
#include "server/batch/workers.h"

namespace toll::server {

/// Thread rule: one thread; blocks are rated by the workers meanwhile.
class Batch {
 public:
  /// `write` takes answers and returns false when nobody wants more.
  Batch(BatchTerms terms, Workers& workers, std::function<bool(std::string_view)> write);
  Batch(const Batch&) = delete;
  ~Batch();  ///< waits for blocks that are being rated

  /// The body goes on. False: nobody wants the answers.
  bool take(std::string_view piece);

  /// Nothing more is here now: does some of what is to be done for the lines that are. False: that
  /// is nothing.
  bool idle();

  /// The body is over.
  bool end();

  uint64_t lines() const { return lines_; }

  /// Some lines could not be answered, for want of memory.
  bool failed() const { return failed_; }

 private:
  void cut();
  void refuse_line();
  void start(std::unique_ptr<Block> block);
  void run(Block& block);
  void write_first();

  const BatchTerms terms_;
  Workers& workers_;
  const std::function<bool(std::string_view)> write_;
  std::string gathered_;     ///< lines that are in no block yet; the last may go on
  size_t whole_ = 0;         ///< bytes of it that are whole lines
  bool skips_line_ = false;  ///< the line that goes on is too long
  uint64_t lines_ = 0;       ///< in blocks
  std::deque<std::unique_ptr<Block>> blocks_;
  bool unwanted_ = false;
  bool failed_ = false;
};

}  // namespace toll::server
