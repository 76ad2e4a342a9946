// What a careful person writes on RocksDB to close a month: for each customer the sum of numbers
// that have been read already, times a price, rounded, and a row of what it came to, in synced
// batches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace toll::bench {

struct CustomerOfMonth {
  std::string name;
  std::span<const uint32_t> quantities;
};

class CloseByHand {
 public:
  explicit CloseByHand(const std::filesystem::path& folder);
  ~CloseByHand();

  /// What all of them come to, in cents. `together` customers are in one batch.
  uint64_t close(int month, std::span<const CustomerOfMonth> customers, size_t together);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::bench
