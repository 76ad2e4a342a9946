// A card's pipeline over columns, in lanes: fees, charges and steps on the bill, for the rows at
// hand.
//
// Run without a builder it is the range analysis: find_limits() looks for the largest quantities
// for which no step leaves the width.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "compiler/columns/plan.h"
#include "compiler/native/lanes.h"
#include "compiler/rating_ir.h"

namespace toll::compiler {

/// The largest quantity that may stand in each column, in 10^-scale; and the largest sum of lines
/// that each charge may be a share of.
struct ColumnLimits {
  std::vector<Int128> columns;
  std::vector<Int128> shares;  ///< per charge
};

/// Where the rows at hand are.
struct ColumnSources {
  std::function<Lane(uint32_t column)> quantity = {};
  std::function<llvm::Value*(uint32_t code)> code = {};
};

struct ColumnLines {
  std::vector<Lane> lines;
  Lane total;
};

/// Rates the rows at hand. `lanes.fits()` says whether the result may be used. Nothing where the
/// card has a form that lanes do not have.
std::optional<ColumnLines> rate_lanes(const RatingProgram& program, const ColumnPlan& plan,
                                      const ColumnLimits& limits, const ColumnSources& sources,
                                      Lanes& lanes);

/// Nothing where not even quantity 0 stays within the width, or lanes do not have the card's form.
std::optional<ColumnLimits> find_limits(const RatingProgram& program, const ColumnPlan& plan,
                                        Width width, LaneFeatures features);

}  // namespace toll::compiler
