// Which version of the text in which it stands an example is about. A deal is a text for each
// version of its card, and each of its examples is about one of them.
#pragma once

#include <optional>
#include <span>

#include "dsl/checker/version_context.h"

namespace toll::dsl::checker {

/// The versions that one text makes, by rising `from`; never empty.
using VersionsOfText = std::span<VersionContext* const>;

/// The first day on which `version` does not answer for examples of its text any more. A text that
/// follows it, in another file, cannot make them wrong: so the last version of a text ends where
/// the text itself says.
std::optional<Date> last_day(const VersionContext& version, VersionsOfText versions);

/// The version in force when the days of an example begin, or else the first that begins in them;
/// where it names no days, the first of all. Null where none of several covers them.
VersionContext* version_for(const syntax::Example& example, VersionsOfText versions);

/// E324, where there is none.
void report_outside(const syntax::Example& example, VersionsOfText versions, Report& report);

}  // namespace toll::dsl::checker
