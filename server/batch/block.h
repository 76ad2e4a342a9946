// Some lines of a batch, and their answers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/card_set.h"
#include "server/decision_log.h"

namespace toll::server {

/// A line may have so many bytes; longer ones are answered with an error.
inline constexpr size_t kBatchLineBytesMax = size_t{1} << 20;

/// What all lines of a batch have in common.
struct BatchTerms {
  std::shared_ptr<const runtime::CardSet> cards;
  DecisionLog* decisions = nullptr;  ///< gets every answer; may be null
  std::string caller = {};
  std::string tenant = {};  ///< as a decision has it
};

/// One thread rates it at a time, and hands it back by finish().
class Block {
 public:
  /// `lines` are whole lines; the last may lack its line break.
  Block(std::string lines, uint64_t first_line) : lines_(std::move(lines)), number_(first_line) {}

  /// What is answered without being rated.
  explicit Block(std::string answers) : answers_(std::move(answers)) {}

  /// Answers lines until all are answered, or the answers are as many as should be in memory at
  /// once. What goes wrong then is told by failed().
  void rate(const BatchTerms& terms);

  // For the thread that waits, when it has waited.
  std::string& answers() { return answers_; }
  bool has_more() const { return next_ < lines_.size(); }
  bool failed() const { return failed_; }

  void begin() { done_.store(false, std::memory_order_relaxed); }
  void finish() {
    done_.store(true, std::memory_order_release);
    done_.notify_one();
  }
  void wait() const { done_.wait(false, std::memory_order_acquire); }

 private:
  void rate_line(const BatchTerms& terms, std::string_view line);

  std::string lines_;
  size_t next_ = 0;      ///< the byte at which the first unanswered line begins
  uint64_t number_ = 0;  ///< of that line
  std::string answers_;
  bool failed_ = false;
  std::atomic<bool> done_ = true;
};

}  // namespace toll::server
