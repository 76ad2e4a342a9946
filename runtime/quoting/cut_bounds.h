// Minimums and maximums of charges in a period that is cut. They act once, on what the parts add up
// to, so parts are rated without them. Those of items and days stay where they are: an item has one
// day, and so one version.
//
// What stands below a minimum acts on it too. Each of these lines lets a larger amount stay the
// larger one, so with g for all of them
//
//   g(max(x, minimum)) = max(g(x), g(minimum))
//
// and a minimum can act last, if it is what the lines below make of it. Lines that rows share are
// lines of the bill: below a minimum or maximum they act on what it made, one after the other.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "compiler/rating.h"
#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// A line of a charge that acts once, as it is written: a minimum or maximum of a row, or one that
/// the rows share, or a shared line below one of either.
struct OnceStep {
  dsl::syntax::MoneyLine::Kind kind = dsl::syntax::MoneyLine::Kind::Minimum;
  std::string name = {};  ///< of a line of the bill, what tells it from others of its kind
  Ratio amount;           ///< minor units, or credits
  bool prorated = false;
  uint32_t place = 0;  ///< among the steps of the program
  const dsl::SourceLine* source = nullptr;

  bool at_least() const { return kind == dsl::syntax::MoneyLine::Kind::Minimum; }
  bool is_minimum_of_days() const { return at_least() && prorated; }
};

/// By what plenty_for() says, since what pools pay is settled for all parts together.
std::expected<std::vector<compiler::LineAmount>, Refusal> rated(const Revision& revision,
                                                                const compiler::RateInput& given);

/// The same of charges without their minimums and maximums. What is included of another charge is a
/// part of what that comes to with them; shares of other charges are not right here
/// (cut_shares.cc).
std::expected<std::vector<compiler::LineAmount>, Refusal> rated_without_bounds(
    const Revision& revision, const compiler::RateInput& given);

/// The same by another program of the same lines, which the interpreter rates.
std::expected<std::vector<compiler::LineAmount>, Refusal> rated_without_bounds(
    const Revision& revision, const compiler::RatingProgram& program,
    const compiler::RateInput& given);

/// Of the charges of a program those that can be rated together, each without its own bounds and
/// with those of what it is a share of; the first have none.
std::vector<std::vector<uint32_t>> rated_together(const compiler::RatingProgram& program);

/// The program without the bounds of these charges. Its lines are those of the whole one.
compiler::RatingProgram without_bounds(const compiler::RatingProgram& program,
                                       const std::vector<uint32_t>& charges);

/// What no pool pays of: nothing is beyond them, and none pays the bill.
std::vector<Int128> plenty_for(const dsl::RateCard& card);

/// Whether the line is a row of a charge, or one that its rows share.
bool is_of_charge(const compiler::LineOrigin& origin);

/// Whether the line is that of a bound which rows share.
bool is_shared_bound(const Revision& revision, const compiler::LineOrigin& origin);

/// Those of the row of a charge; none where items or days are priced by themselves.
std::vector<OnceStep> bounds_of_row(const Revision& revision, uint32_t charge, uint32_t cell);

/// All lines that the rows share.
std::vector<OnceStep> shared_lines(const Revision& revision, uint32_t charge);

/// Whether rows have a minimum or maximum of their own, and a minimum that is prorated or whole.
bool bounds_rows(const Revision& revision, uint32_t charge);
bool rows_have_minimum(const Revision& revision, uint32_t charge, bool prorated);

/// What the lines below a bound make of an amount of a row. Empty where that does not fit.
std::optional<Ratio> below_in_row(const Revision& revision, uint32_t charge, uint32_t cell,
                                  const OnceStep& bound, const Ratio& amount);

/// What a line that rows share changes about their sum. Empty where that does not fit.
std::optional<Ratio> change_of(const OnceStep& step, const Ratio& amount, const Ratio& sum);

/// To the step of the card that rounds; empty where it does not fit.
std::optional<Int128> rounded(const Ratio& exact, const compiler::RatingProgram& program);
std::optional<Ratio> like_lines(const Ratio& amount, const compiler::RatingProgram& program);

}  // namespace toll::runtime
