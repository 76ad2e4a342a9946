// Properties of this room take microseconds: two thousand cases each instead of RapidCheck's
// hundred. RC_PARAMS from outside wins, so that a failure's seed can be replayed.
#include <gtest/gtest.h>

#include <cstdlib>

namespace {

class PropertyRuns : public ::testing::Environment {
  void SetUp() override { setenv("RC_PARAMS", "max_success=2000", /*overwrite=*/0); }
};

const auto* const installed = ::testing::AddGlobalTestEnvironment(new PropertyRuns);

}  // namespace
