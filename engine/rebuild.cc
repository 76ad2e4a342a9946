#include "engine/rebuild.h"

#include <algorithm>
#include <chrono>
#include <expected>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/reading/offer.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "engine/writing/writer.h"
#include "metering/read_events.h"
#include "metering/sums.h"
#include "runtime/quote.h"

namespace toll::engine {
namespace {

using Revisions = std::map<std::string, std::shared_ptr<const runtime::Revision>>;  // by reading

constexpr size_t kDaysTogether = 1000;
constexpr Instant kEndOfTime{std::chrono::nanoseconds(std::numeric_limits<int64_t>::max())};

struct Account {
  std::string tenant, customer;
  friend auto operator<=>(const Account&, const Account&) = default;
};

/// Those that have rows in a table of which tenant and customer lead the keys.
std::expected<void, StoreError> add_accounts(const Store& store, Table table,
                                             std::set<Account>& accounts) {
  std::string from(kFirstKey);
  bool more = true;
  while (more) {
    more = false;
    const auto scanned =
        store.scan(table, from, kBehindAllKeys, [&](std::string_view key, std::string_view) {
          Parts parts(key);
          Account account{std::string(parts.name()), std::string(parts.name())};
          more = parts.good();
          const size_t lead = name_size(account.tenant) + name_size(account.customer);
          // Behind all of its rows: what follows is a number, whose first byte is lower.
          from = std::string(key.substr(0, lead)) + '\xff';
          accounts.insert(std::move(account));
          return false;
        });
    if (!scanned) return scanned;
  }
  return {};
}

/// The days of one customer.
class Recount {
 public:
  Recount(Engine& engine, const runtime::CardSet& cards, const Account& account)
      : engine_(engine), cards_(cards), account_(account) {
    for (const auto& revision : cards.revisions())
      if (metering::adds_up(revision->card()))
        known_.emplace(metering::reading_of(revision->card()), revision);
  }

  Answered<Rebuilt> run() {
    auto subscriptions = engine_.subscriptions(account_.tenant, account_.customer);
    if (!subscriptions) return std::unexpected(std::move(subscriptions.error()));
    subscriptions_ = *std::move(subscriptions);
    if (auto read = read_kept(); !read) return std::unexpected(unanswered(read.error()));
    if (auto read = read_events(); !read) return std::unexpected(std::move(read.error()));
    finish_day();
    // Those of which something is kept and no event is there.
    for (const auto& [day, readings] : kept_) add(day, DayRow());
    if (auto put = put_days(); !put) return std::unexpected(std::move(put.error()));
    // What closed periods come to is worked out again, too, when the next one is closed.
    if (auto done = engine_.unsettle(account_.tenant, account_.customer); !done)
      return std::unexpected(std::move(done.error()));
    return result_;
  }

 private:
  /// Which readings are kept of which day; of a row that is damaged, none.
  std::expected<void, StoreError> read_kept() {
    const KeyRange range =
        days_of(account_.tenant, account_.customer, Date{}, Date{} + std::chrono::days(365'000));
    return engine_.store().scan(Table::Days, range.from, range.until,
                                [&](std::string_view key, std::string_view value) {
                                  const auto place = read_day_key(account_.tenant, key);
                                  if (!place) return true;
                                  std::set<std::string>& readings = kept_[place->day];
                                  if (const auto row = read_day_row(value))
                                    for (const auto& [reading, sums] : row->readings)
                                      readings.insert(reading);
                                  return true;
                                });
  }

  Answered<void> read_events() {
    Answered<void> put;
    const auto read = engine_.record(account_.tenant, account_.customer, Instant{}, kEndOfTime,
                                     [&](const RecordedEvent& event) {
                                       put = add(event);
                                       return put.has_value();
                                     });
    return read ? put : read;
  }

  Answered<void> add(const RecordedEvent& recorded) {
    ++result_.events;
    const Date day = std::chrono::floor<std::chrono::days>(recorded.time);
    if (day_ != day) {
      finish_day();
      if (rows_.size() >= kDaysTogether)
        if (auto put = put_days(); !put) return put;
      begin_day(day);
    }
    if (recorded.retracted) return {};
    ++row_.events;
    const auto event = reader_.read(recorded.text);
    for (auto reading = row_.readings.begin(); reading != row_.readings.end();)
      reading = reads(reading->first, event, reading->second) ? std::next(reading)
                                                              : row_.readings.erase(reading);
    return {};
  }

  /// A reading stays only where it reads every event.
  bool reads(const std::string& reading,
             const std::expected<metering::UsageEvent, metering::EventFault>& event,
             metering::Sums& sums) const {
    if (!event) return false;
    const auto cells = metering::sums_of(known_.at(reading)->card(), *event);
    return cells && sums.add(*cells);
  }

  void begin_day(Date day) {
    day_ = day;
    row_ = {};
    for (const std::string& reading : readings_of(day)) row_.readings.try_emplace(reading);
  }

  void finish_day() {
    if (!day_) return;
    // Of a day without events nothing is kept, as when the last one is taken back.
    if (row_.events == 0) row_.readings.clear();
    add(*day_, std::move(row_));
    kept_.erase(*day_);
    day_.reset();
  }

  void add(Date day, DayRow row) {
    ++result_.days;
    result_.sums += row.readings.size();
    rows_.emplace(day_key(account_.tenant, account_.customer, day), std::move(row));
  }

  Answered<void> put_days() {
    const auto changed = engine_.set_days(std::move(rows_));
    rows_.clear();
    if (!changed) return std::unexpected(changed.error());
    result_.changed += *changed;
    return {};
  }

  /// By which cards a day (of UTC) may be billed.
  std::set<std::string> readings_of(Date day) {
    std::set<std::string> readings;
    if (const auto kept = kept_.find(day); kept != kept_.end())
      std::ranges::copy_if(kept->second, std::inserter(readings, readings.end()),
                           [this](const std::string& one) { return known_.contains(one); });
    for (const Subscription& subscription : subscriptions_) {
      const auto* const versions = cards_.versions(subscription.card);
      if (!versions) continue;
      const std::string& zone = versions->front()->card().time_zone;
      const Date first = local_time(day, zone).day;
      const Date last =
          local_time(day + std::chrono::days(1) - std::chrono::nanoseconds(1), zone).day;
      for (Date local = first; local <= last; local += std::chrono::days(1))
        if (subscription.covers(local))
          if (const auto& reading = reading_on(subscription, local); !reading.empty())
            readings.insert(reading);
    }
    return readings;
  }

  /// Empty where no card that adds up bills the subscription on that day.
  const std::string& reading_on(const Subscription& subscription, Date day) {
    const auto [at, fresh] = readings_.try_emplace({subscription.id, day});
    if (!fresh) return at->second;
    const auto chosen = runtime::choose(cards_, document_of(subscription, account_.customer, day));
    if (chosen && metering::adds_up((*chosen)->card()))
      at->second = metering::reading_of((*chosen)->card());
    return at->second;
  }

  Engine& engine_;
  const runtime::CardSet& cards_;
  const Account& account_;
  Revisions known_;
  std::vector<Subscription> subscriptions_;
  std::map<Date, std::set<std::string>> kept_;  // readings; days that were not counted yet
  std::map<std::pair<std::string, Date>, std::string> readings_;  // by subscription and its day
  metering::EventReader reader_;
  std::optional<Date> day_;
  DayRow row_;                          // of that day
  std::map<std::string, DayRow> rows_;  // by key, to be put
  Rebuilt result_;
};

}  // namespace

Answered<Rebuilt> rebuild(Engine& engine, const CardsOfTenant& cards_of) {
  std::set<Account> accounts;
  for (const Table table : {Table::Events, Table::Days})
    if (auto read = add_accounts(engine.store(), table, accounts); !read)
      return std::unexpected(unanswered(read.error()));
  Rebuilt all;
  for (const Account& account : accounts) {
    const runtime::CardSet* const cards = cards_of(account.tenant);
    if (!cards) continue;
    const auto one = Recount(engine, *cards, account).run();
    if (!one) return std::unexpected(one.error());
    all.events += one->events;
    all.days += one->days;
    all.sums += one->sums;
    all.changed += one->changed;
  }
  return all;
}

}  // namespace toll::engine
