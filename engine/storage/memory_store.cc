#include "engine/store.h"

namespace toll::engine {

std::expected<View::Value, StoreError> MemoryStore::get(Table table, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const Rows& rows = tables_[static_cast<size_t>(table)];
  const auto found = rows.find(key);
  return found == rows.end() ? Value() : Value(found->second);
}

std::expected<std::vector<View::Value>, StoreError> MemoryStore::get_many(
    Table table, std::span<const std::string_view> keys) const {
  std::vector<Value> values;
  for (const std::string_view key : keys) values.push_back(*get(table, key));
  return values;
}

std::expected<void, StoreError> MemoryStore::scan(Table table, std::string_view from,
                                                  std::string_view until,
                                                  const Visit& visit) const {
  const std::lock_guard lock(mutex_);
  const Rows& rows = tables_[static_cast<size_t>(table)];
  for (auto row = rows.lower_bound(from); row != rows.end() && row->first < until; ++row)
    if (!visit(row->first, row->second)) break;
  return {};
}

std::expected<void, StoreError> MemoryStore::write(const Batch& batch) {
  if (before_write)
    if (auto error = before_write()) return std::unexpected(*std::move(error));
  const std::lock_guard lock(mutex_);
  for (const Batch::Row& row : batch.rows())
    tables_[static_cast<size_t>(row.table)].insert_or_assign(std::string(row.key),
                                                             std::string(row.value));
  return {};
}

std::unique_ptr<const View> MemoryStore::snapshot() const {
  auto copy = std::make_unique<MemoryStore>();
  const std::lock_guard lock(mutex_);
  copy->tables_ = tables_;
  return copy;
}

}  // namespace toll::engine
