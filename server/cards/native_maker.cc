#include "server/cards/native_maker.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace toll::server {
namespace {

using std::chrono::steady_clock;

/// A set of thousands of cards takes milliseconds to build, so that not each card gets one.
constexpr std::chrono::milliseconds kPublishEvery(200);

/// Those who are answered by the code that is there go first.
constexpr int kNice = 15;

bool is_optimised(const runtime::Revision& revision) {
  return revision.native() && revision.native()->optimise() == compiler::Optimise::Yes;
}

}  // namespace

NativeMaker::NativeMaker(const compiler::NativeCompiler& compiler, const runtime::LiveCards& cards,
                         Publish publish)
    : compiler_(compiler),
      cards_(cards),
      publish_(std::move(publish)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void NativeMaker::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

bool NativeMaker::is_woken() {
  const std::lock_guard lock(mutex_);
  return is_woken_;
}

void NativeMaker::run(const std::stop_token& stop) {
  // Of this thread: Linux has one for each.
  setpriority(PRIO_PROCESS, 0, std::max(kNice, getpriority(PRIO_PROCESS, 0)));
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!woken_.wait(lock, stop, [this] { return is_woken_; })) return;
      is_woken_ = false;
    }
    make(stop);
  }
}

void NativeMaker::make(const std::stop_token& stop) {
  const std::shared_ptr<const runtime::CardSet> set = cards_.get();
  std::vector<runtime::MadeNative> made;
  std::vector<std::string> failures;
  auto published = steady_clock::now();
  const auto publish = [&] {
    if (!made.empty() || !failures.empty()) publish_(made, failures);
    made.clear();
    failures.clear();
    published = steady_clock::now();
  };
  for (const std::shared_ptr<const runtime::Revision>& revision : set->revisions()) {
    // Of cards that have changed meanwhile nothing more is made.
    if (stop.stop_requested() || is_woken()) break;
    if (is_optimised(*revision)) continue;
    auto native = runtime::compile_verified(compiler_, revision->card(), revision->program(),
                                            compiler::Optimise::Yes, runtime::kUsagesOfVersion);
    if (native)
      made.push_back({revision, *std::move(native)});
    else
      failures.push_back(fmt::format("{} {}: {}", revision->card().name, revision->version(),
                                     native.error().message));
    if (steady_clock::now() - published >= kPublishEvery) publish();
  }
  publish();
}

}  // namespace toll::server
