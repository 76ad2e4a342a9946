#include "engine/store.h"

namespace toll::engine {
namespace {

using TableRows = std::map<std::string, std::string, std::less<>>;
using AllRows = std::array<TableRows, kTables>;

View::Value row_of(const AllRows& tables, Table table, std::string_view key) {
  const TableRows& rows = tables[static_cast<size_t>(table)];
  const auto found = rows.find(key);
  return found == rows.end() ? View::Value() : View::Value(found->second);
}

std::vector<View::Value> rows_of(const AllRows& tables, Table table,
                                 std::span<const std::string_view> keys) {
  std::vector<View::Value> values;
  for (const std::string_view key : keys) values.push_back(row_of(tables, table, key));
  return values;
}

void visit_rows(const AllRows& tables, Table table, std::string_view from, std::string_view until,
                const View::Visit& visit) {
  const TableRows& rows = tables[static_cast<size_t>(table)];
  for (auto row = rows.lower_bound(from); row != rows.end() && row->first < until; ++row)
    if (!visit(row->first, row->second)) return;
}

/// Rows that never change, so that nobody who reads them waits.
class MemorySnapshot final : public View {
 public:
  explicit MemorySnapshot(AllRows tables) : tables_(std::move(tables)) {}

  std::expected<Value, StoreError> get(Table table, std::string_view key) const override {
    return row_of(tables_, table, key);
  }
  std::expected<std::vector<Value>, StoreError> get_many(
      Table table, std::span<const std::string_view> keys) const override {
    return rows_of(tables_, table, keys);
  }
  std::expected<void, StoreError> scan(Table table, std::string_view from, std::string_view until,
                                       const Visit& visit) const override {
    visit_rows(tables_, table, from, until, visit);
    return {};
  }

 private:
  const AllRows tables_;
};

}  // namespace

std::expected<View::Value, StoreError> MemoryStore::get(Table table, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  return row_of(tables_, table, key);
}

std::expected<std::vector<View::Value>, StoreError> MemoryStore::get_many(
    Table table, std::span<const std::string_view> keys) const {
  const std::lock_guard lock(mutex_);
  return rows_of(tables_, table, keys);
}

std::expected<void, StoreError> MemoryStore::scan(Table table, std::string_view from,
                                                  std::string_view until,
                                                  const Visit& visit) const {
  // Who is told of a row may ask for others, or wait for somebody who writes.
  std::vector<std::pair<std::string, std::string>> found;
  {
    const std::lock_guard lock(mutex_);
    visit_rows(tables_, table, from, until, [&](std::string_view key, std::string_view value) {
      found.emplace_back(key, value);
      return true;
    });
  }
  for (const auto& [key, value] : found)
    if (!visit(key, value)) break;
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
  const std::lock_guard lock(mutex_);
  return std::make_unique<const MemorySnapshot>(tables_);
}

}  // namespace toll::engine
