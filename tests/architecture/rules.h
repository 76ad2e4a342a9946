// The rules of the house that a machine can hold the tree to. Each check reads one text and returns
// what breaks its rule; none means that the text keeps it.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/source_text.h"

namespace toll::architecture {

struct Violation {
  std::string path;
  size_t line = 0;  ///< from 1
  std::string text;

  friend bool operator==(const Violation&, const Violation&) = default;
};
std::ostream& operator<<(std::ostream& out, const Violation& violation);

using Violations = std::vector<Violation>;

/// The names of all rooms, floor first.
std::vector<std::string_view> room_names();

/// Whether the path is a door: a header directly in a room's folder.
bool is_door(std::string_view path);

/// A room includes doors of the rooms that it stands on, its own headers, the standard library and
/// the system; a third-party library only where the table of libraries has that room, and in no
/// door. REQUIRES: the file belongs to a room.
Violations check_includes(const SourceFile& file);

/// At most 600 lines.
Violations check_length(const SourceFile& file);

/// `double` and `float` only on lines that carry a comment. Applies to the rooms in which money and
/// quantities are computed; other files pass.
Violations check_floating_point(const SourceFile& file);

/// The `toll_room(...)` lines of the root's CMakeLists.txt name the same rooms, standing on the
/// same rooms, as the table here.
Violations check_room_targets(const SourceFile& cmake_lists);

/// All of the above for the tree at `root`.
Violations check_tree(const std::filesystem::path& root);

}  // namespace toll::architecture
