// Which offers of a cut period have a charge. What was used on days whose offer does not have it is
// none of that charge: it begins with the days of the first one that does, as for a customer who
// comes then, and what was used before takes nothing off it.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "runtime/quoting/cut_period.h"

namespace toll::runtime {

/// Whether the part has a charge of that name.
bool has_charge(const CutPart& part, const std::string& name);

/// Whether no part before has a charge of that name.
bool is_new(const std::vector<CutPart>& parts, size_t part, uint32_t charge);

/// The same of one that is no share of others.
bool takes_nothing_off(const std::vector<CutPart>& parts, size_t part, uint32_t charge);

/// Charges of a part that some part before does not have, and the days of those that do.
struct ChargesOfDays {
  std::vector<Period> days;
  std::vector<uint32_t> charges;
};
std::vector<ChargesOfDays> charges_with_gaps(const std::vector<CutPart>& parts, size_t part);

/// Meters of a part with an allowance for a longer time, and the days whose usage counts toward it
/// where not all do: those of parts that have the charge, or any charge with such an allowance,
/// since it is one for the meter.
struct AllowancesOfDays {
  std::vector<Period> days;
  std::vector<uint32_t> meters;
};
std::vector<AllowancesOfDays> allowances_with_gaps(const std::vector<CutPart>& parts, size_t part);

/// What rates the usage before a part: its program, in which new charges come to nothing, also for
/// the shares that others take of them.
compiler::RatingProgram program_of_before(const std::vector<CutPart>& parts, size_t part);

/// By line, what a part makes of the usage before its days, without minimums and maximums; of new
/// charges nothing. What shares take off is no matter of usage (see cut_shares.cc).
std::expected<std::map<std::string, Ratio>, Refusal> taken_off(const std::vector<CutPart>& parts,
                                                               size_t part, bool final);

}  // namespace toll::runtime
