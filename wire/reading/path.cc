#include "wire/reading/path.h"

#include "runtime/usage.h"

namespace toll::wire {

void Path::enter(bool list) {
  if (depth_ == levels_.size()) levels_.emplace_back();
  Level& level = levels_[depth_++];
  level.list = list;
  level.begun = false;
  level.index = 0;
}

std::string Path::pointer() const { return pointer(depth_); }

std::string Path::pointer(size_t levels) const {
  std::string pointer;
  for (size_t i = 0; i < levels; ++i) {
    const Level& level = levels_[i];
    if (!level.begun) break;
    pointer += '/';
    pointer += level.list ? std::to_string(level.index) : runtime::pointer_token(level.name);
  }
  return pointer;
}

}  // namespace toll::wire
