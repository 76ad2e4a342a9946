// What a careful person writes on RocksDB for the same purpose: each event's identity once, and a
// counter per customer, in one synced batch. It is given events that have been read already.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "tests/bench/counted_events.h"

namespace toll::bench {

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
