// Holds this tree to the rules. What each rule says, and that it can be broken: rules_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "tests/architecture/rules.h"

namespace toll::architecture {
namespace {

const std::filesystem::path kRoot = TOLL_SOURCE_DIR;

TEST(Architecture, TheTreeKeepsTheRules) {
  for (const Violation& violation : check_tree(kRoot)) ADD_FAILURE() << violation;
}

// An empty walk would keep every rule: the files that are certainly there must have been read.
TEST(Architecture, TheRulesReadTheTree) {
  std::set<std::string> paths;
  for (const SourceFile& file : read_files(kRoot, "base", {".h", ".cc"})) {
    EXPECT_FALSE(file.text.empty()) << file.path;
    paths.insert(file.path);
  }
  EXPECT_TRUE(paths.contains("base/ratio.h"));
  EXPECT_TRUE(paths.contains("base/ratio.cc"));
  EXPECT_TRUE(paths.contains("base/internal/uint256.h"));
}

TEST(Architecture, EveryDoorIsCompiledAlone) {
  std::set<std::string> compiled;
  std::ifstream in(TOLL_DOORS_FILE);
  for (std::string line; std::getline(in, line);) compiled.insert(line);

  std::set<std::string> doors;
  for (const std::string_view room : room_names()) {
    for (const SourceFile& file : read_files(kRoot, room, {".h", ".hpp"})) {
      if (is_door(file.path)) doors.insert(file.path);
    }
  }
  EXPECT_EQ(compiled, doors) << "run cmake again, or name the room in tests/architecture";
}

}  // namespace
}  // namespace toll::architecture
