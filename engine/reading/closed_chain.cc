#include "engine/reading/closed_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/money.h"
#include "engine/storage/billing_rows.h"

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
  return all;
}

}  // namespace toll::engine
