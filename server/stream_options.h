// What a service allows to streams of bills.
#pragma once

#include <functional>
#include <string_view>

namespace toll::server {

struct StreamOptions {
  int streams_max = 64;  ///< open at once; each has a thread
  /// Whether the key of a stream still lets its caller in; may be empty.
  std::function<bool(std::string_view caller)> is_let_in = {};
};

}  // namespace toll::server
