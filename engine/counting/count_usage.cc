#include "engine/counting/count_usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "dsl/event_binding.h"
#include "engine/storage/event_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "metering/read_events.h"
#include "metering/sums.h"

namespace toll::engine {
namespace {

using Kind = NoBill::Kind;
using metering::MeteredUsage;
using metering::UsageEvent;

constexpr Instant kEnd{std::chrono::nanoseconds(std::numeric_limits<int64_t>::max())};
constexpr size_t kUnreadMax = 20;  // events that a refusal names

class Counter {
 public:
  Counter(const View& view, const dsl::RateCard& card, const CustomerPeriod& of)
      : view_(view),
        card_(card),
        of_(of),
        from_(start_of(of.covered.from, card.time_zone)),
        until_(start_of(of.covered.until, card.time_zone)) {}

  std::expected<MeteredUsage, NoBill> count() {
    if (metering::adds_up(card_)) {
      auto usage = by_days();
      if (!usage) return std::unexpected(std::move(usage.error()));
      if (*usage) return **std::move(usage);
    }
    return by_events();
  }

  std::expected<metering::Sums, NoBill> sums() {
    if (auto added = add_days(); !added) return std::unexpected(std::move(added.error()));
    if (!fits_) return std::unexpected(NoBill{Kind::Unfit, "what was used does not fit a sum"});
    return std::move(sums_);
  }

 private:
  // ---- event by event ----

  std::expected<MeteredUsage, NoBill> by_events() {
    const bool beyond = reaches_beyond_period(card_);
    std::vector<UsageEvent> events;
    const auto read = read_events(beyond ? Instant{} : from_, beyond ? kEnd : until_,
                                  [&](UsageEvent&& event) { events.push_back(std::move(event)); });
    if (!read) return std::unexpected(read.error());
    auto usage = metering::meter_usage(card_, events, of_.covered, of_.as_of);
    if (!usage) return std::unexpected(unfit(usage.error()));
    for (const metering::Rejection& rejection : usage->rejected)
      reject(events[rejection.event], rejection);
    if (unread_ > 0) return std::unexpected(unread());
    return *std::move(usage);
  }

  /// Those that were not taken back.
  std::expected<void, NoBill> read_events(Instant from, Instant until,
                                          const std::function<void(UsageEvent&&)>& take) {
    bool good = true;
    const auto scanned =
        scan_events(view_, of_.tenant, of_.customer, from, until, [&](const StoredEvent& stored) {
          if (stored.row.retracted) return true;
          auto event = reader_.read(stored.row.text);
          good = event.has_value();
          if (good) take(*std::move(event));
          return good;
        });
    if (!scanned) return std::unexpected(NoBill{Kind::Unanswered, scanned.error().message});
    if (!good)
      return std::unexpected(NoBill{Kind::Unanswered, "a recorded event cannot be read any more"});
    return {};
  }

  // ---- by days ----

  /// Adds up the period.
  std::expected<void, NoBill> add_days() {
    const Instant until = of_.as_of ? std::clamp(*of_.as_of, from_, until_) : until_;
    const Date first = std::chrono::ceil<std::chrono::days>(from_);
    const Date last = std::max(first, std::chrono::floor<std::chrono::days>(until));
    const auto days = read_days(first, last);
    if (!days) return std::unexpected(days.error());
    const std::string reading = metering::reading_of(card_);
    Instant read_from = from_;
    for (const auto& [day, row] : *days) {
      const auto kept = row.readings.find(reading);
      if (kept == row.readings.end()) continue;
      fits_ = fits_ && sums_.add(kept->second.cells());
      if (auto read = add_events(read_from, day); !read) return std::unexpected(read.error());
      read_from = day + std::chrono::days(1);
    }
    if (auto read = add_events(read_from, until); !read) return std::unexpected(read.error());
    if (unread_ > 0) return std::unexpected(unread());
    return {};
  }

  /// Empty where a sum does not fit, which reading event by event may explain.
  std::expected<std::optional<MeteredUsage>, NoBill> by_days() {
    if (auto added = add_days(); !added) return std::unexpected(std::move(added.error()));
    if (!fits_) return std::nullopt;
    auto usage = metering::read_sums(card_, sums_);
    if (!usage) return std::unexpected(unfit(usage.error()));
    return *std::move(usage);
  }

  std::expected<std::map<Date, DayRow>, NoBill> read_days(Date from, Date until) const {
    std::map<Date, DayRow> days;
    bool good = true;
    const KeyRange range = days_of(of_.tenant, of_.customer, from, until);
    const auto scanned = view_.scan(Table::Days, range.from, range.until,
                                    [&](std::string_view key, std::string_view value) {
                                      const auto day = read_day_key(of_.tenant, key);
                                      auto row = read_day_row(value);
                                      good = day.has_value() && row.has_value();
                                      if (good) days.emplace(day->day, *std::move(row));
                                      return good;
                                    });
    if (!scanned) return std::unexpected(NoBill{Kind::Unanswered, scanned.error().message});
    if (!good) return std::unexpected(NoBill{Kind::Unanswered, "the sums of a day are damaged"});
    return days;
  }

  std::expected<void, NoBill> add_events(Instant from, Instant until) {
    if (from >= until) return {};
    return read_events(from, until, [this](UsageEvent&& event) {
      const auto cells = metering::sums_of(card_, event);
      if (!cells) return reject(event, cells.error());
      fits_ = fits_ && sums_.add(*cells);
    });
  }

  // ---- refusals ----

  /// An accepted event that the card cannot read: it was another one when the event came.
  void reject(const UsageEvent& event, const metering::Rejection& rejection) {
    if (++unread_ > kUnreadMax) return;
    faults_.push_back({"/usage", fmt::format("event `{}` of `{}`: {}", event.id, event.source,
                                             metering::rejection_text(rejection, card_))});
  }

  NoBill unread() {
    return {Kind::Unfit,
            fmt::format("the card cannot read {} of the events that were accepted: let it read "
                        "them, or retract them",
                        unread_),
            std::move(faults_)};
  }

  static NoBill unfit(const metering::UnfitReading& reading) {
    return {Kind::Unfit, fmt::format("meter `{}`: {}", reading.meter, reading.reason)};
  }

  const View& view_;
  const dsl::RateCard& card_;
  const CustomerPeriod& of_;
  const Instant from_, until_;
  metering::EventReader reader_;
  metering::Sums sums_;
  bool fits_ = true;
  size_t unread_ = 0;
  std::vector<runtime::UsageFault> faults_;
};

}  // namespace

bool reaches_beyond_period(const dsl::RateCard& card) {
  return std::ranges::any_of(card.meters, [](const dsl::Meter& meter) {
    return meter.binding.outcome || dsl::follows_level(meter.binding.aggregate);
  });
}

std::expected<MeteredUsage, NoBill> count_usage(const View& view, const dsl::RateCard& card,
                                                const CustomerPeriod& of) {
  return Counter(view, card, of).count();
}

std::expected<metering::Sums, NoBill> count_sums(const View& view, const dsl::RateCard& card,
                                                 const CustomerPeriod& of) {
  return Counter(view, card, of).sums();
}

}  // namespace toll::engine
