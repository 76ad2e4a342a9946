#include "metering/counting/level.h"

#include <algorithm>
#include <map>

#include "metering/counting/elapsed.h"

namespace toll::metering {

bool Level::change(Instant at, const Ratio& by) {
  const auto after = checked_add(now(), by);
  if (after) report(at, *after);
  return after.has_value();
}

Ratio Level::carried(const Window& window) const {
  const auto first = std::ranges::lower_bound(reports_, window.from, {}, &Report::at);
  return first == reports_.begin() ? Ratio(0) : std::prev(first)->level;
}

std::vector<Level::Report> Level::inside(const Window& window) const {
  const auto first = std::ranges::lower_bound(reports_, window.from, {}, &Report::at);
  const auto last = std::ranges::lower_bound(reports_, window.until, {}, &Report::at);
  return {first, last};
}

Ratio Level::peak(const Window& window) const {
  Ratio highest = carried(window);
  for (const Report& report : inside(window)) highest = std::max(highest, report.level);
  return highest;
}

Ratio Level::latest(const Window& window) const {
  const auto reports = inside(window);
  return reports.empty() ? carried(window) : reports.back().level;
}

std::optional<Ratio> Level::accrued(const Window& window, const dsl::TimeSpan& per) const {
  std::optional<Ratio> sum = Ratio(0);
  Report now{window.from, carried(window)};
  const auto hold_until = [&](Instant until) {
    const Ratio time = elapsed(now.at, until, per.clock, window.zone);
    const auto held = checked_mul(now.level, time);
    sum = held && sum ? checked_add(*sum, *held) : std::nullopt;
  };
  for (const Report& report : inside(window)) {
    hold_until(report.at);
    now = report;
  }
  hold_until(window.until);
  return sum ? checked_div(*sum, per.count) : std::nullopt;
}

std::optional<Ratio> Level::average(const Window& window) const {
  if (window.from == window.until) return carried(window);
  const Ratio length = elapsed(window.from, window.until, dsl::Clock::Seconds, window.zone);
  return accrued(window, {dsl::Clock::Seconds, length});
}

// An hour is 60 minutes from where the zone's clock shows a full hour. One that is shown twice,
// when summer time ends, is two, and one that is skipped is none: a day has 23 to 25.
Ratio Level::percentile(const Window& window, const Decimal& p, bool of_days) const {
  using std::chrono::hours;
  std::map<Instant, Ratio> highest;  // by the beginning of the hour or day
  const auto slot = [&](Instant at) -> Instant {
    const LocalTime local = local_time(at, window.zone);
    if (of_days) return start_of(local.day, window.zone);
    return at - local.since_midnight % hours(1);
  };
  for (Instant at = window.from; at < window.until;) {
    highest.try_emplace(slot(at));
    at = of_days ? start_of(local_time(at, window.zone).day + std::chrono::days(1), window.zone)
                 : at + hours(1);
  }
  for (const Report& report : inside(window)) {
    Ratio& most = highest[slot(report.at)];
    most = std::max(most, report.level);
  }
  if (highest.empty()) return Ratio(0);
  std::vector<Ratio> sorted;
  for (const auto& [at, level] : highest) sorted.push_back(level);
  std::ranges::sort(sorted);
  // Nearest rank: the smallest rank that covers p per cent of them.
  const Ratio share = *checked_div(*Ratio::of(p), Ratio(100));
  const Ratio rank = *checked_mul(share, Ratio(static_cast<Int128>(sorted.size())));
  const Int128 index = div_round(rank.numerator(), rank.denominator(), RoundingMode::Up);
  return sorted[static_cast<size_t>(index - 1)];
}

}  // namespace toll::metering
