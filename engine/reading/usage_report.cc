#include "engine/usage_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>

#include "dsl/event_binding.h"
#include "engine/reading/offer.h"
#include "metering/meter_usage.h"
#include "metering/read_events.h"
#include "metering/sums.h"
#include "runtime/quote.h"

namespace toll::engine {
namespace {

using Kind = NoBill::Kind;
using metering::UsageEvent;
using runtime::Revision;
using GroupName = std::vector<std::optional<std::string>>;

constexpr Instant kNever{std::chrono::nanoseconds(std::numeric_limits<int64_t>::max())};

std::unexpected<NoBill> no_usage(Kind kind, std::string message) {
  return std::unexpected(NoBill{kind, std::move(message)});
}

/// The first moment behind `at` at which a window begins.
Instant next_bound(Instant at, UsageWindow window, const std::string& zone) {
  const Date day = local_time(at, zone).day;
  switch (window) {
    case UsageWindow::Whole:
      return kNever;
    case UsageWindow::Hour:  // on the clock's face; an hour that is passed twice is two
      return at + std::chrono::hours(1) -
             local_time(at, zone).since_midnight % std::chrono::hours(1);
    case UsageWindow::Day:
      return start_of(day + std::chrono::days(1), zone);
    case UsageWindow::Month:
      return start_of(period_containing(PeriodUnit::Month, day).until, zone);
  }
  std::unreachable();
}

/// A field as a group's name: a text, or the digits of a number.
std::optional<std::string> value_of(const UsageEvent& event, const std::string& field) {
  if (field == "source") return event.source;
  if (field == "type") return event.type;
  const metering::FieldValue* const value = event.field(field);
  if (!value) return std::nullopt;
  if (const auto* const text = std::get_if<std::string>(value)) return *text;
  if (const auto* const number = std::get_if<Decimal>(value)) return number->to_string();
  return std::nullopt;
}

/// Gives each combination of values a number.
class Groups {
 public:
  explicit Groups(const std::vector<std::string>& fields) : fields_(fields) {}

  uint32_t of(const UsageEvent& event) {
    GroupName group;
    for (const std::string& field : fields_) group.push_back(value_of(event, field));
    const auto [at, fresh] = numbers_.try_emplace(std::move(group), names_.size());
    if (fresh) names_.push_back(&at->first);
    return at->second;
  }
  const GroupName& name(uint32_t number) const { return *names_[number]; }

 private:
  const std::vector<std::string>& fields_;
  std::map<GroupName, uint32_t> numbers_;
  std::vector<const GroupName*> names_;
};

bool reaches_beyond(const dsl::RateCard& card) {
  return std::ranges::any_of(card.meters, [](const dsl::Meter& meter) {
    return meter.binding.outcome || dsl::follows_level(meter.binding.aggregate);
  });
}

/// Windows that follow one another and are counted by one offer.
struct Stretch {
  std::shared_ptr<const Revision> revision;
  std::vector<Instant> bounds;
};

class UsageReporter {
 public:
  UsageReporter(const runtime::CardSet& cards, const Engine& engine, const UsageRequest& request)
      : cards_(cards), engine_(engine), request_(request), groups_(request.group_by) {}

  std::expected<std::vector<UsageRow>, NoBill> run() {
    auto all = engine_.subscriptions(request_.tenant, request_.customer);
    if (!all) return no_usage(Kind::Unanswered, all.error().message);
    if (request_.subscription)
      std::erase_if(*all, [&](const Subscription& s) { return s.id != *request_.subscription; });
    if (all->empty())
      return no_usage(Kind::NotFound, request_.subscription
                                          ? "there is no such subscription of this customer"
                                          : "this customer has no subscription");
    for (const Subscription& subscription : *all) {
      auto stretches = stretches_of(subscription);
      if (!stretches) return std::unexpected(std::move(stretches.error()));
      for (const Stretch& stretch : *stretches)
        if (auto read = read_stretch(subscription, stretch); !read)
          return std::unexpected(std::move(read.error()));
    }
    if (request_.meter && !meter_seen_)
      return no_usage(Kind::NotFound, "no card of this customer has that meter then");
    return std::move(rows_);
  }

 private:
  // ---- which windows, by which card ----

  std::expected<std::vector<Stretch>, NoBill> stretches_of(const Subscription& subscription) {
    std::vector<Stretch> stretches;
    const runtime::CardSet::Versions* const versions = cards_.versions(subscription.card);
    if (!versions)
      return no_usage(Kind::Unfit, fmt::format("card `{}` of subscription `{}` is not live",
                                               subscription.card, subscription.id));
    const std::string& zone = versions->front()->card().time_zone;
    const Instant from = std::max(request_.from, start_of(subscription.start, zone));
    const Instant until = subscription.end
                              ? std::min(request_.until, start_of(*subscription.end, zone))
                              : request_.until;
    for (Instant at = from; at < until;) {
      if (++windows_ > kUsageWindowsMax)
        return no_usage(
            Kind::Unfit,
            fmt::format("the time has more than {} windows: ask for less of it", kUsageWindowsMax));
      const Instant next = std::min(until, next_bound(at, request_.window, zone));
      auto revision = runtime::choose(
          cards_, document_of(subscription, request_.customer, local_time(at, zone).day));
      if (!revision) return std::unexpected(refused(std::move(revision.error())));
      if (stretches.empty() || stretches.back().revision != *revision)
        stretches.push_back({*std::move(revision), {at}});
      stretches.back().bounds.push_back(next);
      at = next;
    }
    return stretches;
  }

  static NoBill refused(runtime::Refusal refusal) {
    NoBill result{Kind::Unfit, refusal.faults.front().message};
    result.faults = std::move(refusal.faults);
    return result;
  }

  // ---- what they come to ----

  std::expected<void, NoBill> read_stretch(const Subscription& subscription,
                                           const Stretch& stretch) {
    const dsl::RateCard& card = stretch.revision->card();
    const auto is_asked = [&](const dsl::Meter& meter) {
      return !request_.meter || meter.name == *request_.meter;
    };
    if (!std::ranges::any_of(card.meters, is_asked)) return {};
    meter_seen_ = true;
    return metering::adds_up(card) ? add_up(subscription, stretch) : count(subscription, stretch);
  }

  /// Event by event: nothing is kept of them but sums.
  std::expected<void, NoBill> add_up(const Subscription& subscription, const Stretch& stretch) {
    const dsl::RateCard& card = stretch.revision->card();
    std::vector<metering::Sums> sums(stretch.bounds.size() - 1);
    bool fits = true;
    const auto read = read_events(
        stretch.bounds.front(), std::min(stretch.bounds.back(), request_.as_of),
        [&](const UsageEvent& event) -> std::expected<void, NoBill> {
          auto cells = metering::sums_of(card, event);
          if (!cells) return unread(event, cells.error(), card);
          for (metering::CellSum& cell : *cells) cell.values.push_back(groups_.of(event));
          const auto behind = std::ranges::upper_bound(stretch.bounds, event.time);
          fits = sums[static_cast<size_t>(behind - stretch.bounds.begin()) - 1].add(*cells) && fits;
          return {};
        });
    if (!read) return read;
    if (!fits) return no_usage(Kind::Unfit, "the quantity of a meter does not fit");
    for (size_t i = 0; i < sums.size(); ++i) {
      auto usage = metering::read_sums(card, sums[i]);
      if (!usage) return unfit(usage.error());
      if (auto added = add_rows(subscription, stretch, i, usage->meters); !added) return added;
    }
    return {};
  }

  std::expected<void, NoBill> count(const Subscription& subscription, const Stretch& stretch) {
    const dsl::RateCard& card = stretch.revision->card();
    const bool beyond = reaches_beyond(card);
    std::vector<UsageEvent> events;
    std::vector<uint32_t> groups;
    const auto read = read_events(
        beyond ? Instant{} : stretch.bounds.front(), beyond ? kNever : stretch.bounds.back(),
        [&](const UsageEvent& event) -> std::expected<void, NoBill> {
          if (events.size() == kUsageEventsMax)
            return no_usage(Kind::Unfit, fmt::format("the card needs more than {} events for that",
                                                     kUsageEventsMax));
          events.push_back(event);
          groups.push_back(groups_.of(event));
          return {};
        });
    if (!read) return read;
    std::optional<Instant> as_of;
    if (request_.as_of < stretch.bounds.back()) as_of = request_.as_of;
    const auto usage = metering::meter_windows(card, events, stretch.bounds, as_of, groups);
    if (!usage) return unfit(usage.error());
    if (!usage->rejected.empty())
      return unread(events[usage->rejected.front().event], usage->rejected.front(), card);
    for (size_t i = 0; i < usage->windows.size(); ++i)
      if (auto added = add_rows(subscription, stretch, i, usage->windows[i]); !added) return added;
    return {};
  }

  /// Those that were not taken back.
  std::expected<void, NoBill> read_events(
      Instant from, Instant until,
      const std::function<std::expected<void, NoBill>(const UsageEvent&)>& take) {
    std::expected<void, NoBill> taken;
    if (from >= until) return taken;
    const auto scanned = engine_.record(
        request_.tenant, request_.customer, from, until, [&](const RecordedEvent& recorded) {
          if (recorded.retracted) return true;
          const auto event = reader_.read(recorded.text);
          taken = event ? take(*event)
                        : no_usage(Kind::Unanswered, "a recorded event cannot be read any more");
          return taken.has_value();
        });
    if (!scanned) return no_usage(Kind::Unanswered, scanned.error().message);
    return taken;
  }

  std::expected<void, NoBill> add_rows(const Subscription& subscription, const Stretch& stretch,
                                       size_t window,
                                       const std::vector<metering::MeterReading>& meters) {
    const dsl::RateCard& card = stretch.revision->card();
    for (const metering::MeterReading& reading : meters) {
      const dsl::Meter& meter = card.meters[reading.meter];
      if (request_.meter && meter.name != *request_.meter) continue;
      for (const metering::CellReading& cell : reading.cells) {
        if (rows_.size() == kUsageRowsMax)
          return no_usage(
              Kind::Unfit,
              fmt::format("the answer has more than {} rows: ask for less of it", kUsageRowsMax));
        UsageRow& row = rows_.emplace_back();
        row.subscription = subscription.id;
        row.meter = meter.name;
        row.unit = meter.unit;
        row.from = stretch.bounds[window];
        row.until = stretch.bounds[window + 1];
        for (size_t i = 0; i < meter.dimensions.size(); ++i) {
          const dsl::Dimension& dimension = card.dimensions[meter.dimensions[i]];
          row.at.emplace_back(dimension.name, dimension.values[cell.values[i]]);
        }
        row.group = groups_.name(cell.values.back());
        row.quantity = cell.quantity;
        row.pending = cell.pending;
      }
    }
    return {};
  }

  // ---- refusals ----

  static std::unexpected<NoBill> unfit(const metering::UnfitReading& reading) {
    return no_usage(Kind::Unfit, fmt::format("meter `{}`: {}", reading.meter, reading.reason));
  }

  /// An accepted event that the card cannot read: it was another one when the event came.
  static std::unexpected<NoBill> unread(const UsageEvent& event,
                                        const metering::Rejection& rejection,
                                        const dsl::RateCard& card) {
    return no_usage(Kind::Unfit,
                    fmt::format("the card cannot read event `{}` of `{}`, which was accepted: {}",
                                event.id, event.source, metering::rejection_text(rejection, card)));
  }

  const runtime::CardSet& cards_;
  const Engine& engine_;
  const UsageRequest& request_;
  metering::EventReader reader_;
  Groups groups_;
  size_t windows_ = 0;
  bool meter_seen_ = false;
  std::vector<UsageRow> rows_;
};

}  // namespace

std::expected<std::vector<UsageRow>, NoBill> usage_report(const runtime::CardSet& cards,
                                                          const Engine& engine,
                                                          const UsageRequest& request) {
  return UsageReporter(cards, engine, request).run();
}

}  // namespace toll::engine
