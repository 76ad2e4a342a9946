// A usage document bound to a revision: names resolved, dates settled.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <vector>

#include "compiler/credit_draws.h"
#include "compiler/usage_vector.h"
#include "runtime/answer.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

/// Pools of one name that have `grant` lines.
using GrantingPools = std::vector<const dsl::Pool*>;

/// A grant of a pool, from the usage document or from a `grant` line of the card.
struct BoundGrant {
  compiler::Grant grant;
  Date from;  ///< its first covered day
  std::optional<Date> expires;
  bool recurring = false;
  uint32_t age = 0;  ///< its place among all of them, the oldest first
};

/// A grant of a pool that no plan of the covered days has, and another plan of the card.
struct WaitingGrant {
  Grant given;
  const dsl::RateCard* card;  ///< which has the pool
};

/// Memory that is had in one piece and given back in one: binding a document makes some dozens of
/// small arrays, which together take about so much.
struct Arena {
  Arena() {}  // leaves the bytes as they are
  Arena(const Arena&) = delete;

  alignas(std::max_align_t) std::array<std::byte, 3072> bytes;
  std::pmr::monotonic_buffer_resource memory{bytes.data(), bytes.size()};
};

struct BoundUsage {
  explicit BoundUsage(std::shared_ptr<const Revision> revision);

  Arena arena;
  std::shared_ptr<const Revision> revision;
  Period covered;
  std::optional<Date> since = {};  ///< when the customer became one; none: it is new
  bool customer_goes = false;      ///< it is none any more when the days end
  compiler::UsageVector usage;
  compiler::RateInput* input = nullptr;    ///< of `usage`, with the days of the period
  std::pmr::vector<Decimal> used;          ///< per meter, over all of its cells
  std::pmr::vector<Decimal> used_to_date;  ///< per meter, before the period
  /// Of meters with an allowance for a longer time that other offers of a cut period do not have:
  /// what was used on the days of those that do.
  std::map<uint32_t, Decimal> used_of_allowance = {};
  std::vector<BoundGrant> grants = {};  ///< those of one pool in the order in which they are spent
  NextState waiting_state = {};         ///< for other plans, beside grants
  std::vector<WaitingGrant> waiting = {};  ///< of pools of other plans
  CardSet::Revisions plans = {};           ///< all of the version, where they can have pools
  std::vector<std::string> warnings = {};  ///< what may be meant otherwise in the document

  /// Of what was used, that which may still be taken back, by the same cells; null: nothing.
  std::unique_ptr<compiler::UsageVector> pending = {};
  const compiler::RateInput* pending_input = nullptr;

  // Where grants begin or end inside the period.
  std::vector<Date> cuts = {};  ///< days on which a segment begins, but for the first
  /// What was used up to the end of a segment, but for the last.
  struct Part {
    compiler::UsageVector usage;
    compiler::RateInput* input = nullptr;
  };
  std::vector<std::unique_ptr<Part>> parts = {};
  // Set by rate(): by credit step, segment and charge, and the parts that they are in.
  std::vector<std::vector<std::vector<Int128>>> used_of_segments = {};
  compiler::CreditParts credit_parts = {};

  bool of_cut_period = false;  ///< what pools pay is then known of all its parts together only
};

class PricedDays;

/// Of a period in which versions follow one another: what one of them is bound to.
struct CutPlace {
  Date used_until;           ///< what was used from then on is left out
  Date version_from;         ///< usage before it may be given as another version prices it
  const PricedDays& priced;  ///< by all of them
  const std::vector<Period>* days = nullptr;  ///< what was used on others is left out; null: all
};

/// Whether `period` ends the time that a commitment is for: a year of the subscription that began
/// on `since`, or else a calendar year; likewise for quarters and months.
bool ends_commitment(const Period& period, PeriodUnit per, const std::optional<Date>& since);

/// The day of `period` on which a term of a fee begins: counted from the day that the subscription
/// began on, or else the calendar year, quarter, month or week. None where no term does. REQUIRES:
/// `per` is longer than the period.
std::optional<Date> begins_term(const Period& period, PeriodUnit per,
                                const std::optional<Date>& since);

/// Sets which fees are due of those that have a term: where it begins on one of the covered days,
/// so that quotes of parts of a period bill a term once.
void settle_fees(BoundUsage& bound, const std::optional<Date>& since);

/// Whether a fee of the card is due. REQUIRES: bound.input is there.
bool is_due(const BoundUsage& bound, uint32_t fee);

/// Sets `bound`, which the caller keeps so that a quote allocates no room for it. All faults of a
/// document that does not fit, or is not for one offer, are in the refusal; `bound` then means
/// nothing.
std::expected<void, Refusal> bind_document(const CardSet& cards, const UsageDocument& document,
                                           std::optional<BoundUsage>& bound);

/// The same to an offer that is given, for all days of the period, whatever days it is in force on.
/// REQUIRES: `document` has a period.
std::expected<std::unique_ptr<BoundUsage>, Refusal> bind_to(const CardSet& cards,
                                                            const UsageDocument& document,
                                                            std::shared_ptr<const Revision> offer,
                                                            const CutPlace& cut);

}  // namespace toll::runtime
