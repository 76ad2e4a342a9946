// How far a file has been stored, so that a run that was cut off goes on where it was. Nothing
// depends on it but time: what is stored twice counts once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace toll::cli {

/// A digest of a file's beginning, as it is read piece by piece.
class PrefixDigest {
 public:
  void add(std::string_view bytes);
  /// Of all that was added.
  std::string value() const;

 private:
  std::string chain_, rest_;
};

/// Lines that are stored, and what they were.
struct StoredPrefix {
  uint64_t bytes = 0;
  uint64_t lines = 0;
  std::string digest;  ///< PrefixDigest, 64 hexadecimal digits
};

class Checkpoint {
 public:
  /// Of a file that goes into a data folder for a tenant.
  Checkpoint(const std::filesystem::path& data, const std::string& tenant,
             const std::filesystem::path& file);

  /// What a run that was cut off had stored of the file, where the file still begins so.
  std::optional<StoredPrefix> read() const;
  /// A checkpoint that cannot be written is none.
  void write(const StoredPrefix& prefix) const;
  void remove() const;

 private:
  const std::filesystem::path file_;
  std::filesystem::path place_;
};

}  // namespace toll::cli
