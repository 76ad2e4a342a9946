// One side of a diff: folders of card files, from the disk or from a revision of a git repository.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "dsl/source.h"

namespace toll::cli {

/// A folder's card files, which are checked together, and the base names of those that are asked
/// for: all where there are none.
struct SideFolder {
  std::vector<dsl::SourceFile> files = {};
  std::set<std::string> wanted = {};
};

/// Folders by their name below the path that was asked for; "." is that path, or a file's folder.
using Side = std::map<std::string, SideFolder>;

/// A folder with those below it, or a file.
Result<Side> read_side(const std::string& path);

/// The same as it was at a git revision, by the program `git`; the path need not have been there.
/// Nothing is checked out.
Result<Side> read_side_at(const std::string& revision, const std::string& path);

}  // namespace toll::cli
