// The parts of an example: its days, cut where the customer changes to another plan and, of an
// invoice, where another version or a deal begins, or a deal ends. One offer bills each of them.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dsl/checker/card_context.h"
#include "dsl/checker/version_index.h"

namespace toll::dsl::checker {

struct ExamplePart {
  CardContext* offer = nullptr;
  Date from;                               ///< its first day
  const syntax::OnPlan* change = nullptr;  ///< where the plan changes with it; else the version
};

/// The parts of an example whose days `versions` are in force on, one after the other. Empty, and
/// reported, where one of them does not have its plan, or where its plans do not follow one
/// another; those of a single version are seen later. `read` reads the file in which it stands.
std::vector<ExamplePart> parts_of(const syntax::Example& example,
                                  std::span<const VersionDays> versions, Reader& read,
                                  Report& report);

/// Whether the plans of an example follow one another inside its days; else it is reported.
/// REQUIRES: it changes its plan.
bool plans_follow_one_another(const syntax::Example& example, const Period& days, Reader& read,
                              Report& report);

/// The first and the last of the parts of an example on whose days something was used.
std::pair<size_t, size_t> parts_of_use(const syntax::Use& use, std::span<const ExamplePart> parts,
                                       const Period& days);

/// In which of the parts of an example something was used. Empty, and reported, where another one
/// begins between.
std::optional<size_t> part_of(const syntax::Use& use, std::span<const ExamplePart> parts,
                              const Period& days, Reader& read, Report& report);

/// Which part reads a line: that of its days. What some part prices each day stands with the days
/// of the whole period, unless the line is one of days whose part prices the sum.
std::optional<size_t> part_that_reads(const syntax::Use& use, std::span<const ExamplePart> parts,
                                      const Period& days, Reader& read, Report& report);

/// How a line gives what was used: as its offer prices it (`own`), and of several quantities, where
/// that prices their sum, as another part of the period does, which may count what came before it.
Grain given_as(const syntax::Use& use, Grain own, std::span<const ExamplePart> parts);

/// A part that begins when or after the days of a line end, and has to know each item, or day, of
/// what was used there; null where none has.
const ExamplePart* part_that_counts_each(const syntax::Use& use, Date until,
                                         std::span<const ExamplePart> parts);

}  // namespace toll::dsl::checker
