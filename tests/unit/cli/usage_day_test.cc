// examples/usage_day.sh, which `./dev run` shows: a day of events through the service into live
// bills.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/scratch_folder.h"
#include "tests/unit/cli/program.h"

namespace toll::cli {
namespace {

TEST(UsageDay, BillsWhatTheDayCameTo) {
  const testing::ScratchFolder scratch;
  const std::string folder = (scratch.path() / "day").string();
  const Outcome day = shell(fmt::format("examples/usage_day.sh '{}' '{}'", TOLL_PROGRAM, folder));
  EXPECT_EQ(day.exit_code, 0) << day.err;
  EXPECT_NE(day.out.find("\n12:00        6570          81        0       18.79      363.30"
                         "       99.00\n"),
            std::string::npos)
      << day.out;
  EXPECT_NE(day.out.find("\n24:00        3705          34        0       57.54     1181.53"
                         "      334.62\n41121 events: "),
            std::string::npos)
      << day.out;
  EXPECT_TRUE(day.out.ends_with("0 differences\n")) << day.out;

  // The same events from a file, counted and quoted without a store.
  const Outcome quoted = shell(fmt::format(
      "awk -f examples/usage_day/events.awk -v seed=7 -v events=40000 -v day=2026-04-08 | '{0}' "
      "meter "
      "models --cards '{1}/cards' --events - --period 2026-04 --customer models-6 --json | '{0}' "
      "quote models --cards '{1}/cards' --usage -",
      TOLL_PROGRAM, folder));
  EXPECT_NE(quoted.out.find("\nTotal  "), std::string::npos) << quoted.err;
  EXPECT_NE(quoted.out.find(" 57.54\n"), std::string::npos) << quoted.out;
}

}  // namespace
}  // namespace toll::cli
