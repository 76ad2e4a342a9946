#include "cli/output/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/money.h"

namespace toll::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{200};
constexpr uint64_t kWidth = 24;

std::string thousands(uint64_t number) { return group_thousands(std::to_string(number)); }

}  // namespace

ProgressBar::ProgressBar() : watched_(isatty(STDERR_FILENO) == 1) {}

void ProgressBar::show(uint64_t bytes, std::optional<uint64_t> of, uint64_t events) {
  const auto now = Clock::now();
  if (!watched_ || now - shown_ < kInterval) return;
  shown_ = now;
  visible_ = true;
  std::string bar;
  if (of && *of > 0) {
    // A file may grow while it is read.
    const uint64_t done = std::min(bytes, *of);
    const auto filled = static_cast<size_t>(kWidth * done / *of);
    bar = fmt::format("[{}{}] {:3} %  ", std::string(filled, '#'),
                      std::string(kWidth - filled, '.'), 100 * done / *of);
  }
  const auto milliseconds = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_).count());
  fmt::print(stderr, "\r\033[K{}{} events, {} a second", bar, thousands(events),
             thousands(events * 1000 / std::max<uint64_t>(milliseconds, 1)));
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (visible_) fmt::print(stderr, "\r\033[K");
  visible_ = false;
}

}  // namespace toll::cli
