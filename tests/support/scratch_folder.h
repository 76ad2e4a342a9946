// A folder for one test, with files that are saved the way editors save them.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace toll::testing {

/// Gone with the object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "toll-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    std::filesystem::create_directory(path());
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { std::filesystem::remove_all(root_); }

  std::filesystem::path path() const { return root_ / "cards"; }

  /// Writes beside the folder and renames into it, so that a reader sees the old text or the new.
  void save(const std::string& name, std::string_view text) const {
    const std::filesystem::path beside = root_ / "saving";
    std::ofstream(beside, std::ios::binary) << text;
    std::filesystem::rename(beside, path() / name);
  }

  void remove(const std::string& name) const { std::filesystem::remove(path() / name); }

 private:
  std::filesystem::path root_;
};

}  // namespace toll::testing
