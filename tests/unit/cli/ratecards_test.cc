// Every folder of ratecards/ is one namespace: its cards are sound, and their golden invoices
// stand.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "tests/unit/cli/program.h"

namespace toll::cli {
namespace {

std::set<std::string> folders() {
  std::set<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards"))
    if (entry.is_directory()) names.insert(entry.path().filename());
  return names;
}

TEST(Ratecards, AreThere) { EXPECT_TRUE(folders().contains("founding")); }

TEST(Ratecards, AreSoundAndTheirInvoicesStand) {
  for (const std::string& folder : folders()) {
    const Outcome checked = toll("check ratecards/" + folder);
    EXPECT_EQ(checked.exit_code, 0) << folder << "\n" << checked.err;
    const Outcome tested = toll("test ratecards/" + folder);
    EXPECT_EQ(tested.exit_code, 0) << folder << "\n" << tested.out << tested.err;
    EXPECT_EQ(tested.out.find("\n0 examples"), std::string::npos) << folder << " expects nothing";
  }
}

/// A price that no example shows can change unseen.
TEST(Ratecards, ShowEveryPriceAndBoundInAnExample) {
  const Outcome covered = toll("cover --min 100 --min-bounds 100 ratecards");
  EXPECT_EQ(covered.exit_code, 0) << covered.out << covered.err;
}

}  // namespace
}  // namespace toll::cli
