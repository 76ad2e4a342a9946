#include "tests/peers/peer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <numeric>
#include <thread>
#include <utility>

namespace toll::peers {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(2);
}

/// In halves, so that the loop takes vectors.
__int128 sum_of(const int64_t* cents, size_t rows) {
  uint64_t low = 0, high = 0;
  for (size_t i = 0; i < rows; ++i) {
    low += static_cast<uint32_t>(cents[i]);
    high += static_cast<uint64_t>(cents[i]) >> 32;
  }
  return (static_cast<__int128>(high) << 32) + low;
}

__int128 total_of_part(size_t begin, size_t end, Column* cents, const BlockRate& rate) {
  constexpr size_t kBlock = 4096;
  Column own(cents != nullptr ? 0 : kBlock);
  __int128 total = 0;
  for (; begin < end; begin += kBlock) {
    const size_t rows = std::min(kBlock, end - begin);
    int64_t* const block = cents != nullptr ? cents->data() + begin : own.data();
    rate(begin, rows, block);
    total += sum_of(block, rows);
  }
  return total;
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

template <typename Number>
std::vector<Number> narrowed(const Column& column) {
  std::vector<Number> result;
  result.reserve(column.size());
  for (const int64_t number : column) {
    if (!std::in_range<Number>(number)) give_up(fmt::format("{} is too large a number", number));
    result.push_back(static_cast<Number>(number));
  }
  return result;
}
template std::vector<uint8_t> narrowed(const Column& column);
template std::vector<uint32_t> narrowed(const Column& column);

size_t columns_of(const std::string& workload) {
  static const std::map<std::string, size_t> columns = {
      {"graduated", 1}, {"models", 4}, {"hybrid", 2}};
  const auto found = columns.find(workload);
  if (found == columns.end()) give_up("no workload " + workload);
  return found->second;
}

__int128 total_of(size_t threads, size_t rows, Column* cents,
                  const std::function<BlockRate()>& rate) {
  std::vector<__int128> totals(threads, 0);
  const auto add_part = [&](size_t part) {
    const size_t begin = rows * part / threads, end = rows * (part + 1) / threads;
    totals[part] = total_of_part(begin, end, cents, rate());
  };
  std::vector<std::jthread> workers;
  for (size_t part = 1; part < threads; ++part) workers.emplace_back(add_part, part);
  add_part(0);
  workers.clear();
  return std::accumulate(totals.begin(), totals.end(), __int128{0});
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
