#include "engine/store.h"

namespace toll::engine {

void Batch::put(Table table, std::string_view key, std::string_view value) {
  if (const size_t* const row = row_of(table, key))
    rows_[*row].value = texts_.keep(value);
  else
    rows_.push_back({table, texts_.keep(key), texts_.keep(value)});
}

std::optional<std::string_view> Batch::find(Table table, std::string_view key) const {
  const size_t* const row = row_of(table, key);
  return row ? std::optional(rows_[*row].value) : std::nullopt;
}

const size_t* Batch::row_of(Table table, std::string_view key) const {
  Index& index = index_[static_cast<size_t>(table)];
  for (; index.seen < rows_.size(); ++index.seen)
    if (rows_[index.seen].table == table) index.rows.emplace(rows_[index.seen].key, index.seen);
  const auto found = index.rows.find(key);
  return found == index.rows.end() ? nullptr : &found->second;
}

}  // namespace toll::engine
