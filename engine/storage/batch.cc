#include <algorithm>
#include <cstring>

#include "engine/store.h"

namespace toll::engine {
namespace {
constexpr size_t kChunkBytes = size_t{256} << 10;
}

std::string_view Batch::keep(std::string_view text) {
  if (chunk_size_ - used_ < text.size()) {
    chunk_size_ = std::max(kChunkBytes, text.size());
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_size_));
    used_ = 0;
  }
  if (text.empty()) return {};
  char* const at = chunks_.back().get() + used_;
  std::memcpy(at, text.data(), text.size());
  used_ += text.size();
  return {at, text.size()};
}

void Batch::put(Table table, std::string_view key, std::string_view value) {
  if (const size_t* const row = row_of(table, key))
    rows_[*row].value = keep(value);
  else
    rows_.push_back({table, keep(key), keep(value)});
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
