// Files that are written whole or not at all, also when the power goes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace toll::server {

struct NewFile {
  std::filesystem::path path;
  std::string text;
};

/// Writes each beside its place and renames it there, so that a reader sees the old file or the new
/// one; all are on the disk when it returns. Not one is renamed before all are written. An Error
/// leaves each as it was, or, where a rename fails, some of them changed.
Result<void> write_durably(std::span<const NewFile> files);

/// Appends to a file, which is made where there is none; on the disk when it returns. On an Error
/// the file is cut to what it was.
Result<void> append_durably(const std::filesystem::path& path, std::string_view text);

/// The text of a file. An Error where it is larger.
Result<std::string> read_whole(const std::filesystem::path& path, size_t bytes_max);

}  // namespace toll::server
