#include "tests/peers/peer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

namespace toll::peers {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(2);
}

}  // namespace

std::vector<Column> read_columns(const std::string& path, size_t columns) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) give_up("cannot read " + path);
  const auto bytes = static_cast<size_t>(file.tellg());
  const size_t rows = bytes / sizeof(int64_t) / columns;
  file.seekg(0);
  std::vector<Column> result(columns, Column(rows));
  for (Column& column : result)
    file.read(reinterpret_cast<char*>(column.data()),
              static_cast<std::streamsize>(rows * sizeof(int64_t)));
  if (!file) give_up("cannot read " + path);
  return result;
}

size_t columns_of(const std::string& workload) {
  static const std::map<std::string, size_t> columns = {
      {"graduated", 1}, {"models", 4}, {"hybrid", 2}};
  const auto found = columns.find(workload);
  if (found == columns.end()) give_up("no workload " + workload);
  return found->second;
}

void in_parts(size_t threads, size_t rows, const std::function<void(size_t, size_t)>& rate) {
  if (threads == 1) return rate(0, rows);
  std::vector<std::jthread> workers;
  for (size_t i = 0; i < threads; ++i)
    workers.emplace_back([&, i] {
      const size_t begin = rows * i / threads;
      rate(begin, rows * (i + 1) / threads - begin);
    });
}

__int128 sum_of(const Column& cents) {
  // In halves, so that the loop takes vectors.
  uint64_t low = 0, high = 0;
  __int128 sum = 0;
  constexpr size_t kBlock = size_t{1} << 20;
  for (size_t begin = 0; begin < cents.size(); begin += kBlock) {
    low = high = 0;
    const size_t end = std::min(begin + kBlock, cents.size());
    for (size_t i = begin; i < end; ++i) {
      low += static_cast<uint32_t>(cents[i]);
      high += static_cast<uint64_t>(cents[i]) >> 32;
    }
    sum += (static_cast<__int128>(high) << 32) + low;
  }
  return sum;
}

int serve(const std::map<std::string, std::function<__int128()>>& variants) {
  fmt::print("ready\n");
  std::fflush(stdout);
  for (std::string name; std::getline(std::cin, name);) {
    const auto variant = variants.find(name);
    if (variant == variants.end()) give_up("no variant " + name);
    const auto begun = std::chrono::steady_clock::now();
    const __int128 total = variant->second();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
    fmt::print("{:.9f} {}\n", seconds.count(), total);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace toll::peers
