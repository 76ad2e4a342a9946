#include "engine/reading/closed_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/money.h"
#include "engine/storage/billing_rows.h"
#include "engine/storage/settled_rows.h"

namespace toll::engine {
namespace {

constexpr size_t kDayBytes = sizeof(uint64_t);

/// Whether the text that was given says the total of the row.
bool says_total(const ClosedPeriod& period) {
  const auto currency = find_currency(period.currency);
  return currency && period.bill.contains(
                         fmt::format(R"("total":"{}")", format_minor(period.total, *currency)));
}

bool follows(const std::vector<ClosedPeriod>& before, const ClosedPeriod& period) {
  return period.period.from < period.period.until &&
         (before.empty() || before.back().period.until <= period.period.from);
}

/// Whether each correction is about an earlier period, and begins where its bills ended.
bool goes_on(const std::vector<ClosedPeriod>& before, const ClosedPeriod& period) {
  return std::ranges::all_of(period.corrections, [&](const Correction& correction) {
    const auto of = std::ranges::find(before, correction.period, &ClosedPeriod::period);
    return of != before.end() &&
           correction.billed == billed_for(before, static_cast<size_t>(of - before.begin()));
  });
}

}  // namespace

void ClosedChain::add(const std::string& tenant, std::string_view key, std::string_view value) {
  if (const auto customer = read_settled_key(tenant, key))
    return add_settled(tenant, *customer, value);
  const KeyRange range = closed_periods_of(tenant);
  if (key < range.from || range.until <= key) return;
  ++periods_;
  const auto place = read_closed_period_key(tenant, key);
  auto period = read_closed_period(value);
  if (!place || !period || place->from != period->period.from)
    return damaged_.push_back("the row of a closed period is damaged");
  by_subscription_[std::string(key.substr(0, key.size() - kDayBytes))].push_back(
      *std::move(period));
}

void ClosedChain::add_settled(const std::string& tenant, const std::string& customer,
                              std::string_view value) {
  const auto all = read_settled(value);
  if (!all) return damaged_.push_back("the row that says what is settled is damaged");
  for (const Settled& one : *all)
    settled_until_[closed_periods_of(tenant, customer, one.subscription).from] = one.until;
}

std::vector<std::string> ClosedChain::faults() const {
  std::vector<std::string> all = damaged_;
  for (const auto& [key, periods] : by_subscription_) {
    std::vector<ClosedPeriod> before;
    for (const ClosedPeriod& period : periods) {
      const auto fault = [&](std::string_view what) {
        all.push_back(fmt::format("the period that was closed from {} {}",
                                  toll::to_string(period.period.from), what));
      };
      if (!follows(before, period)) fault("does not follow the one before it");
      if (!says_total(period)) fault("has another total than its bill");
      if (!goes_on(before, period)) fault("has corrections that do not follow from earlier bills");
      before.push_back(period);
    }
  }
  for (const auto& [key, until] : settled_until_) {
    const auto closed = by_subscription_.find(key);
    if (closed == by_subscription_.end() || closed->second.back().period.until != until)
      all.push_back(fmt::format("what is settled goes until {}, and what is closed does not",
                                toll::to_string(until)));
  }
  return all;
}

}  // namespace toll::engine
