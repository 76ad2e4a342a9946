// What a careful person writes on RocksDB for the same purpose: each event's identity once, and a
// counter per customer, in one synced batch. It is given events that have been read already.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace toll::bench {

struct CountedEvent {
  std::string identity, customer;
  uint64_t quantity = 0;
};

class IngestByHand {
 public:
  explicit IngestByHand(const std::filesystem::path& folder);
  ~IngestByHand();

  /// How many were new.
  size_t ingest(std::span<const CountedEvent> events);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::bench
