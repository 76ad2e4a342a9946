#include "engine/backup.h"

#include <fmt/format.h>

#include <system_error>

#include "engine/audit.h"
#include "engine/storage/keys.h"
#include "engine/storage/rocksdb_store.h"

namespace toll::engine {
namespace {

constexpr size_t kBatchBytes = size_t{4} << 20;
constexpr int kAttempts = 5;

/// Copies rows table by table, in batches.
class RowCopy {
 public:
  explicit RowCopy(Store& to) : to_(to) {}

  std::expected<uint64_t, StoreError> run(const View& from) {
    for (size_t table = 0; table < kTables; ++table) {
      std::expected<void, StoreError> written;
      const auto scanned = from.scan(static_cast<Table>(table), kFirstKey, kBehindAllKeys,
                                     [&](std::string_view key, std::string_view value) {
                                       batch_.put(static_cast<Table>(table), key, value);
                                       ++rows_;
                                       bytes_ += key.size() + value.size();
                                       if (bytes_ >= kBatchBytes) written = write();
                                       return written.has_value();
                                     });
      if (!scanned) return std::unexpected(scanned.error());
      if (!written) return std::unexpected(written.error());
    }
    if (auto written = write(); !written) return std::unexpected(written.error());
    return rows_;
  }

 private:
  std::expected<void, StoreError> write() {
    const Batch full = std::exchange(batch_, {});
    bytes_ = 0;
    if (full.empty()) return {};
    return to_.write(full);
  }

  Store& to_;
  Batch batch_;
  size_t bytes_ = 0;
  uint64_t rows_ = 0;
};

Error failed(const StoreError& error) { return {error.message}; }

Error failed(const std::filesystem::path& path, const std::error_code& fault) {
  return {fmt::format("`{}`: {}", path.string(), fault.message())};
}

/// Empty where the copy does not hold together: files went while they were read.
Result<std::optional<CopiedStore>> try_copy(const std::filesystem::path& from,
                                            const std::filesystem::path& beside) {
  const auto view = open_view(from, beside / "scratch");
  if (!view) return std::unexpected(view.error());
  const auto store = open_store(beside / "data");
  if (!store) return std::unexpected(store.error());
  const auto rows = RowCopy(**store).run(**view);
  if (!rows) return std::unexpected(failed(rows.error()));
  const auto audited = audit(**store);
  if (!audited) return std::unexpected(failed(audited.error()));
  if (audited->difference_count > 0) return std::nullopt;
  return CopiedStore{*rows, audited->events};
}

Result<void> check_free(const std::filesystem::path& to, const std::filesystem::path& beside) {
  std::error_code fault;
  if (std::filesystem::exists(to, fault) && !std::filesystem::is_empty(to, fault))
    return std::unexpected(Error{fmt::format("`{}` is there already, and not empty", to.string())});
  if (std::filesystem::exists(beside, fault))
    return std::unexpected(Error{
        fmt::format("`{}` was left by a copy that was cut off, or one that goes on: remove it",
                    beside.string())});
  std::filesystem::create_directories(beside, fault);
  if (fault) return std::unexpected(failed(beside, fault));
  return {};
}

}  // namespace

Result<CopiedStore> copy_store(const std::filesystem::path& from, const std::filesystem::path& to,
                               const CopyRest& rest) {
  const std::filesystem::path beside = to.string() + ".partial";
  if (auto free = check_free(to, beside); !free) return std::unexpected(free.error());
  Result<std::optional<CopiedStore>> copied;
  std::error_code fault;
  for (int i = 0; i < kAttempts && !(copied && *copied); ++i) {
    std::filesystem::remove_all(beside, fault);
    std::filesystem::create_directories(beside, fault);
    copied = try_copy(from, beside);
  }
  if (copied && *copied && rest)
    if (auto added = rest(beside / "data"); !added) copied = std::unexpected(added.error());
  if (copied && *copied) {
    std::filesystem::remove(to, fault);  // an empty folder may stand there
    std::filesystem::rename(beside / "data", to, fault);
    if (fault) copied = std::unexpected(failed(to, fault));
  }
  std::error_code ignored;
  std::filesystem::remove_all(beside, ignored);
  if (!copied) return std::unexpected(copied.error());
  if (!*copied)
    return std::unexpected(Error{fmt::format(
        "what is kept in `{}` does not hold together: `toll audit` says where", from.string())});
  return **copied;
}

}  // namespace toll::engine
