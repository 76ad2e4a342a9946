// A billing period in which versions of a card, or plans of a customer, follow one another. Each
// charge is priced by
//
//   C_old(q1) + [C_new(q1 + q2) - C_new(q1)]
//
// matched by name, so that tiers and allowances go on over the cut and only rates change. Fees
// stand outside the difference, shares of other charges are of what is on the bill, and what acts
// on the bill acts once, at the end, by the version then in force. What is priced in credits is
// paid by grants from one day on which something begins or ends to the next.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/answer.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/bound.h"
#include "runtime/quoting/cut_grants.h"

namespace toll::runtime {

/// The days of one offer in a cut period, bound to the usage up to their end, and, but for the
/// first, up to their begin.
struct CutPart {
  Period days;
  std::shared_ptr<const Revision> revision;
  std::unique_ptr<BoundUsage> upto, before;
  /// Up to the days inside the part on which a grant of credits begins or ends.
  struct Segment {
    Date until;
    std::unique_ptr<BoundUsage> used;
  };
  std::vector<Segment> segments = {};
};

struct CutPeriod {
  std::vector<CutPart> parts;
  std::vector<CutGrant> grants = {};  ///< of all pools, in the order in which they were created
  CardSet::Revisions plans = {};      ///< all of the last version, in its currency
  NextState waiting_state = {};       ///< for other plans, beside grants
  std::vector<WaitingGrant> waiting = {};  ///< of pools of other plans
};

/// The offers that a document's period is cut into, by versions and by changes of plan; none where
/// one answers for all of it, where the document picks one by `on` or `hash`, or on a day without a
/// version. A refusal where its changes of plan do not fit.
std::expected<CutPeriod, Refusal> cut_period(const CardSet& cards, const UsageDocument& document);

/// "version 2026-03-15", and of a card with plans ", plan `pro`".
std::string name_of(const CutPart& part);

/// Binds the document to each part. REQUIRES: cut_period() gave them.
std::expected<void, Refusal> bind_parts(const CardSet& cards, const UsageDocument& document,
                                        CutPeriod& period);

/// The answer of bound parts; with `explained`, each line says what each part brought.
std::expected<Answer, Refusal> quote_parts(const CutPeriod& period, bool final, bool explained);

/// The amounts alone.
struct PartsBill {
  std::vector<BilledLine> lines;      ///< also those that an answer does not show
  Int128 total = 0;                   ///< minor units
  std::map<std::string, Ratio> left;  ///< by pool: credits, or minor units
  friend bool operator==(const PartsBill&, const PartsBill&) = default;
};
std::expected<PartsBill, Refusal> bill_of_parts(const CutPeriod& period, bool final);

/// The total alone, in minor units.
std::expected<Int128, Refusal> total_of_parts(const CutPeriod& period, bool final);

}  // namespace toll::runtime
