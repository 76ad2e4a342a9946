// What a benchmark does where what it measures does not do what it should: no figure of such a run
// means anything.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string_view>
#include <utility>

namespace toll::bench {

[[noreturn]] inline void give_up(std::string_view why) {
  fmt::print(stderr, "{}: {}\n", program_invocation_short_name, why);
  std::exit(1);
}

template <typename T, typename E>
T take(std::expected<T, E> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}

}  // namespace toll::bench
