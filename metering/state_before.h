// What a customer's earlier events leave for a period: the state of its usage document.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/date.h"
#include "metering/event.h"
#include "metering/meter_usage.h"
#include "runtime/answer.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::metering {

/// What a customer's usage of some days comes to by the meters of a card, or why it cannot be
/// counted: one sentence, lower case, no full stop.
using CountDays = std::function<std::expected<MeteredUsage, std::string>(const dsl::RateCard& card,
                                                                         const Period& days)>;

/// Days that were billed for good, by cards of their own: what is live now changes nothing of them.
struct BilledPeriod {
  Period days;
  std::function<std::expected<std::shared_ptr<const runtime::CardSet>, runtime::Refusal>()> cards;
};

/// What bills of such days have left, so that who asks for several periods makes each once. One
/// thread; of the same events, at the same moment, and the same BilledBefore.
struct LeftByBilled {
  struct Left {
    runtime::NextState state;
    std::vector<bool> in_state;  ///< of what was bought
  };
  std::map<Date, Left> until;  ///< by the first day behind those that were billed
};

/// What a customer's earlier bills depend on, beside the events.
struct BilledBefore {
  Date first_day;                                               ///< that was billed
  std::optional<std::string> plan = {};                         ///< on that day
  std::vector<std::pair<Date, std::string>> plan_changes = {};  ///< since, by day, rising
  /// What was put into pools beside the card's own grants, in the order in which it was created;
  /// each has a `from`. Those of the document's period come into the document, too.
  std::vector<runtime::Grant> bought = {};
  /// What there was before the first day.
  runtime::NextState opening = {};
  /// By time. Days between them and up to `billed_until` that are in none were billed by nobody;
  /// those from then on by the versions that are live.
  std::vector<BilledPeriod> billed = {};
  std::optional<Date> billed_until = {};
  LeftByBilled* left = nullptr;  ///< of `billed`; may be null
};

/// Adds to `document` what was used of allowances for a longer time, billed toward commitments, and
/// left in pools before the first day of its period, if the earlier bills were those of what
/// `count` counts: each by the version and the plan of its days, the first from `before.first_day`
/// on. Days on which the card, or the plan, did not exist yet were not billed. Of pools the
/// card's own grants are known, and those that were bought.
///
/// `document` names card and period, and customer, plan and currency as far as they matter. A bill
/// that cannot be made is a refusal, and nothing is added. Any thread, if `count` is so.
std::expected<void, runtime::Refusal> add_state_before(const runtime::CardSet& cards,
                                                       const CountDays& count,
                                                       const BilledBefore& before,
                                                       runtime::UsageDocument& document);

/// The same of the events of a customer, in whole billing periods from that of
/// `document.customer_since`, or else of the first event.
std::expected<void, runtime::Refusal> add_state_before(const runtime::CardSet& cards,
                                                       std::span<const UsageEvent> events,
                                                       runtime::UsageDocument& document);

}  // namespace toll::metering
