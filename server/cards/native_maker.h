// Makes optimised native code for the cards that are live, on a thread of its own, while they
// answer from the interpreter or from code that was made in a hurry.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "compiler/native.h"
#include "runtime/card_set.h"
#include "runtime/loader.h"

namespace toll::server {

/// New cards that get native code before they go live, so that a saved price is fast at once. In a
/// folder with more of them those beyond answer by the interpreter first.
inline constexpr runtime::MakeNative kMakeAtOnce = {.at_once_max = 32};

class NativeMaker {
 public:
  /// What was made since the last time, and a sentence for each card for which it could not be.
  using Publish = std::function<void(const std::vector<runtime::MadeNative>& made,
                                     const std::vector<std::string>& failures)>;

  /// `publish` is called on the thread of the maker, a few times a second while there is something
  /// to make. REQUIRES: `compiler` and `cards` outlive this; `publish` throws nothing.
  NativeMaker(const compiler::NativeCompiler& compiler, const runtime::LiveCards& cards,
              Publish publish);

  /// Waits for the card that is being compiled, and leaves the others as they are.
  ~NativeMaker() = default;

  /// Says that other cards are live. Any thread.
  void wake();

 private:
  void run(const std::stop_token& stop);
  void make(const std::stop_token& stop);
  bool is_woken();

  const compiler::NativeCompiler& compiler_;
  const runtime::LiveCards& cards_;
  const Publish publish_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool is_woken_ = false;
  std::jthread thread_;  // last: it ends before the rest goes
};

}  // namespace toll::server
