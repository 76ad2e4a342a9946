// A change of a folder that comes over HTTP: what it would make of the folder, and its files.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "compiler/native.h"
#include "runtime/loader.h"
#include "server/card_folder.h"

namespace toll::server {

class Changing {
 public:
  /// REQUIRES: both outlive this; `status` is what the folder was before.
  Changing(const FolderChange& change, const FolderStatus& status)
      : change_(change), status_(status) {}

  /// Why the change must not be made whatever is in it, given what the folder holds; nothing where
  /// it may.
  std::optional<ChangeOutcome> conflict(const std::filesystem::path& folder,
                                        const std::vector<dsl::SourceFile>& files) const;

  /// What the folder would be.
  std::pair<ChangeOutcome, runtime::Loaded> outcome(std::vector<dsl::SourceFile> files,
                                                    const compiler::NativeCompiler& compiler) const;

  /// Writes the files into the folder.
  Result<void> write(const std::filesystem::path& folder) const;

 private:
  void take_versions(const runtime::Loaded& loaded, ChangeOutcome& outcome) const;
  std::string why_refused(const runtime::Loaded& loaded, const ChangeOutcome& outcome) const;
  bool is_changed(const std::string& file) const;

  const FolderChange& change_;
  const FolderStatus& status_;
};

}  // namespace toll::server
