// From the PATHs of a command line to the folders of card files that they mean.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace toll::cli {

/// The files of one folder, which share their declarations.
struct CardFiles {
  std::filesystem::path folder;
  std::vector<dsl::SourceFile> files;
  std::set<std::string> wanted;  ///< base names of those that were asked for; empty: all

  /// Whether results about the file are asked for.
  bool wants(const std::string& base_name) const {
    return wanted.empty() || wanted.contains(base_name);
  }
  bool wants(const dsl::Diagnostic& diagnostic) const;
  size_t wanted_count() const { return wanted.empty() ? files.size() : wanted.size(); }
};

/// Whether it says that a guarantee fails, rather than that a text is wrong.
inline bool is_refutation(const dsl::Diagnostic& diagnostic) {
  return diagnostic.code.starts_with("E6");
}

/// Each folder among `paths`, and each below it, that holds card files is one of the result; so is
/// the folder of each single file. In the order of the paths, folders below one another by name.
/// Files are shown by the path as it was given, without `./`.
Result<std::vector<CardFiles>> read_paths(const std::vector<std::string>& paths);

/// The folders below this one that hold card files: other namespaces, which reading it passes over.
/// What cannot be read is left out.
std::vector<std::string> folders_below(const std::string& folder);

}  // namespace toll::cli
