// The events of one request on their way to the writer, laid out as they will be written: whoever
// hands them in does all that can be done without knowing what is stored, on a thread of its own,
// and the one writer looks up identities and sets positions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "engine/ingest.h"
#include "engine/storage/arena.h"
#include "engine/storage/event_rows.h"
#include "metering/event.h"
#include "metering/sums.h"

namespace toll::engine {

/// One thread fills it and seal()s it; then the writer has it. Nothing that is added needs to
/// outlive the call. Movable.
class Candidates {
 public:
  explicit Candidates(std::string tenant) : tenant_(std::move(tenant)) {}

  /// Makes room for so many events.
  void reserve(size_t events) { events_.reserve(events); }

  /// What an event gives by one reading: `sums` are numbered by cells().
  struct Given {
    uint32_t reading = 0;
    std::vector<metering::NumberedSum> sums;
  };

  /// The number of a reading (metering::reading_of), and of its cells.
  uint32_t reading(std::string_view name);
  metering::CellNumbers& cells(uint32_t reading) { return readings_[reading].cells; }

  /// `text` is the event as it was sent. A refusal is why it may not come in, unless it is in
  /// already.
  void add(const metering::UsageEvent& event, std::string_view text, bool unmetered,
           std::optional<std::string> refusal, std::span<const Given> given);
  void add(const Candidate& candidate);

  /// Sorts what was added, and sums it up by day. Once, last.
  void seal();

  size_t size() const { return events_.size(); }
  size_t bytes() const { return rows_.bytes() + texts_.bytes(); }

  // ---- for the writer ----

  struct Event {
    std::string_view identity, text;  ///< the key of its identity; the event as it was sent
    char* place = nullptr;            ///< its identity's row, without a position
    uint32_t place_size = 0;
    uint32_t day = 0;                   ///< into days()
    uint32_t source_day = 0;            ///< into source_days()
    uint32_t given = 0, given_end = 0;  ///< of all that events give
    int32_t refusal = -1;               ///< into the refusals
    bool unmetered = false;
    uint64_t fingerprint = 0;  ///< of the identity
    Instant time;
    std::optional<uint64_t> sequence;  ///< that its source gave it
  };

  /// Events of one customer and time that are written as one row (storage/event_rows.h): right
  /// where all events are accepted.
  struct Block {
    uint32_t begin = 0, end = 0;  ///< into by_key()
    char* key = nullptr;          ///< without a position
    uint32_t key_size = 0;
    std::string_view value;
  };

  /// What the events of a customer and day (of UTC) come to, by each reading that read all of them.
  struct Day {
    std::string_view customer;
    Date date;
    std::string key;
    uint32_t events = 0;
    std::vector<std::pair<uint32_t, metering::Sums>> readings;
  };

  const std::string& tenant() const { return tenant_; }
  std::span<const Event> events() const { return events_; }
  std::span<const Block> blocks() const { return blocks_; }
  std::span<const Day> days() const { return days_; }
  /// Keys of the rows of the sources and days (of UTC) that events are from.
  std::span<const std::string> source_days() const { return source_days_; }
  const std::string& refusal(const Event& event) const {
    return refusals_[static_cast<size_t>(event.refusal)];
  }
  std::string_view reading_name(uint32_t reading) const { return readings_[reading].name; }
  /// Events in the order of their keys, and of their identities.
  std::span<const uint32_t> by_key() const { return by_key_; }
  std::span<const uint32_t> by_identity() const { return by_identity_; }

  /// Sets the position of the first event of a block: its key and the rows of its identities are
  /// whole then.
  void set_position(const Block& block, uint64_t position) const;
  std::string_view customer(const Event& event) const { return days_[event.day].customer; }
  /// As it is stored, at a position.
  static StoredEvent stored(const Event& event, uint64_t position) {
    return {event.time,
            position,
            {.unmetered = event.unmetered, .retracted = {}, .reason = {}, .text = event.text}};
  }

  /// The days of some of the events only: `chosen` has one for each.
  std::vector<Day> days_of(const std::vector<bool>& chosen) const;

 private:
  struct Reading {
    std::string name;
    metering::CellNumbers cells;
  };
  /// A range of sums_ that one reading gives.
  struct Range {
    uint32_t reading = 0, begin = 0, end = 0;
  };

  uint32_t day_of(std::string_view customer, Date date);
  uint32_t source_day_of(std::string_view source, Date date);
  void count(const Event& event, Day& day) const;
  void sort();
  void lay_out();
  void lay_out(Block& block, std::span<StoredEvent> events);

  std::string tenant_;
  Arena rows_;
  Arena texts_;  // of events, until they are laid out
  std::vector<Event> events_;
  std::vector<std::string> refusals_;
  std::vector<Reading> readings_;
  std::vector<Range> given_;
  std::vector<metering::NumberedSum> sums_;
  std::vector<Day> days_;
  std::unordered_multimap<uint64_t, uint32_t> day_numbers_;  // by a hash
  std::vector<std::string> source_days_;
  std::map<std::pair<std::string, Date>, uint32_t, std::less<>> source_day_numbers_;
  decltype(source_day_numbers_)::const_iterator source_day_ =
      source_day_numbers_.end();  // the last
  std::vector<uint32_t> by_key_, by_identity_;
  std::vector<Block> blocks_;
};

}  // namespace toll::engine
