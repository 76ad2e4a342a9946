// A store that outlives the engine which has it open, and counts what is read.
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/storage/keys.h"
#include "engine/store.h"

namespace toll::engine {

/// What is asked of a store. Customers have names of four bytes.
struct Asked {
  std::atomic<int> usage = 0;  ///< scans of a customer's days: one for each period that is counted
  std::function<void()> before_usage;  ///< each of these; set before the store is shared
};

/// Rows that outlive the engine that has them open, and count what is read.
template <typename Base>
class Counting : public Base {
 public:
  Counting(const View& rows, Asked& asked) : rows_(rows), asked_(asked) {}
  std::expected<View::Value, StoreError> get(Table table, std::string_view key) const override {
    return rows_.get(table, key);
  }
  std::expected<std::vector<View::Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const override {
    return rows_.get_many(table, keys);
  }
  std::expected<void, StoreError> scan(Table table, std::string_view from, std::string_view until,
                                       const View::Visit& visit) const override {
    if (table == Table::Days && from.size() == day_key("t", "acme", Date{}).size()) {
      ++asked_.usage;
      if (asked_.before_usage) asked_.before_usage();
    }
    return rows_.scan(table, from, until, visit);
  }

 protected:
  const View& rows_;
  Asked& asked_;
};

struct CountingView final : Counting<View> {
  CountingView(std::unique_ptr<const View> rows, Asked& asked)
      : Counting(*rows, asked), owned(std::move(rows)) {}
  const std::unique_ptr<const View> owned;
};

class CountingStore final : public Counting<Store> {
 public:
  CountingStore(MemoryStore& rows, Asked& asked) : Counting(rows, asked), store_(rows) {}
  std::expected<void, StoreError> write(const Batch& batch) override { return store_.write(batch); }
  std::unique_ptr<const View> snapshot() const override {
    return std::make_unique<CountingView>(store_.snapshot(), asked_);
  }

 private:
  MemoryStore& store_;
};

}  // namespace toll::engine
