// One side of a diff: folders of card files, from the disk or from a revision of a git repository.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "dsl/source.h"

namespace toll::cli {

/// Card files by their folder, as it is named below the path that was asked for; "." is that path.
using Side = std::map<std::string, std::vector<dsl::SourceFile>>;

/// A folder with those below it, or the folder of a file.
Result<Side> read_side(const std::string& path);

/// The same as it was at a git revision, by the program `git`; the path need not have been there.
/// Nothing is checked out.
Result<Side> read_side_at(const std::string& revision, const std::string& path);

}  // namespace toll::cli
