#include "cli/data/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <vector>

#include "base/sha256.h"

namespace toll::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = size_t{64} << 10;
constexpr std::string_view kForm = "toll-ingest-1";

/// Empty where the file is shorter.
std::optional<std::string> digest_of(const fs::path& path, uint64_t bytes) {
  std::ifstream file(path, std::ios::binary);
  PrefixDigest digest;
  std::vector<char> block(kBlock);
  while (bytes > 0) {
    const auto want = static_cast<std::streamsize>(std::min<uint64_t>(bytes, kBlock));
    if (!file.read(block.data(), want)) return std::nullopt;
    digest.add({block.data(), static_cast<size_t>(want)});
    bytes -= static_cast<uint64_t>(want);
  }
  return digest.value();
}

}  // namespace

void PrefixDigest::add(std::string_view bytes) {
  rest_ += bytes;
  size_t done = 0;
  for (; rest_.size() - done >= kBlock; done += kBlock)
    chain_ = sha256(chain_ + rest_.substr(done, kBlock));
  rest_.erase(0, done);
}

std::string PrefixDigest::value() const { return sha256_hex(chain_ + rest_); }

Checkpoint::Checkpoint(const fs::path& data, const std::string& tenant, const fs::path& file)
    : file_(file) {
  std::error_code error;
  const fs::path absolute = fs::weakly_canonical(file, error);
  place_ = data / "ingest" / sha256_hex(tenant + "/" + (error ? file : absolute).string());
}

std::optional<StoredPrefix> Checkpoint::read() const {
  std::ifstream file(place_);
  std::string form;
  StoredPrefix prefix;
  if (!(file >> form >> prefix.bytes >> prefix.lines >> prefix.digest) || form != kForm)
    return std::nullopt;
  if (digest_of(file_, prefix.bytes) != prefix.digest) return std::nullopt;
  return prefix;
}

void Checkpoint::write(const StoredPrefix& prefix) const {
  std::error_code error;
  fs::create_directories(place_.parent_path(), error);
  const fs::path beside = place_.string() + ".new";
  {
    std::ofstream file(beside);
    file << fmt::format("{} {} {} {}\n", kForm, prefix.bytes, prefix.lines, prefix.digest);
    if (!file.flush()) return;
  }
  fs::rename(beside, place_, error);
}

void Checkpoint::remove() const {
  std::error_code error;
  fs::remove(place_, error);
}

}  // namespace toll::cli
