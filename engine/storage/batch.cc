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
  auto& index = index_[static_cast<size_t>(table)];
  if (const auto found = index.find(key); found != index.end()) {
    rows_[found->second].value = keep(value);
    return;
  }
  const Row row{table, keep(key), keep(value)};
  index.emplace(row.key, rows_.size());
  rows_.push_back(row);
}

std::optional<std::string_view> Batch::find(Table table, std::string_view key) const {
  const auto& index = index_[static_cast<size_t>(table)];
  const auto found = index.find(key);
  if (found == index.end()) return std::nullopt;
  return rows_[found->second].value;
}

}  // namespace toll::engine
