#include "engine/completeness.h"

#include <algorithm>
#include <tuple>

#include "engine/storage/account_rows.h"
#include "engine/storage/source_day.h"
#include "engine/writing/writer.h"

namespace toll::engine {
namespace {

using std::chrono::minutes;

/// The rows of one source, day by day.
class SourceReader {
 public:
  SourceReader(std::string source, const CompletenessRequest& request) : request_(request) {
    report_.source = std::move(source);
  }

  const std::string& source() const { return report_.source; }

  void add(Date day, const SourceDay& row) {
    if (day >= request_.days.until) return;
    if (row.events > 0) report_.last_day = day;
    if (day < request_.days.from) {
      if (row.events > 0) heard_ = request_.days.from;
      return;
    }
    report_.events += row.events;
    report_.unmetered += row.unmetered;
    report_.rejected += row.rejected;
    report_.conflicts += row.conflicts;
    if (row.sequence.is_scattered())
      ++report_.days_scattered;
    else
      seen_.insert(seen_.end(), row.sequence.runs().begin(), row.sequence.runs().end());
    for (size_t minute = 0; minute < SourceDay::kMinutes; ++minute) {
      if (!row.is_marked(minute)) continue;
      const Instant begin = Instant(day) + minutes(static_cast<int64_t>(minute));
      hear(begin);
      heard_ = begin + minutes(1);
    }
  }

  SourceReport finish() {
    hear(std::min(Instant(request_.days.until), request_.now));
    if (!seen_.empty() && report_.days_scattered == 0) report_.sequence = sequence();
    return std::move(report_);
  }

 private:
  /// What is missing between the runs of all days, which may overlap: a number comes twice where
  /// what had it was rejected and sent again with another time.
  SourceReport::Sequence sequence() {
    std::ranges::sort(seen_);
    SourceReport::Sequence sequence;
    std::tie(sequence.first, sequence.last) = seen_.front();
    for (const auto& [first, last] : seen_) {
      if (first > sequence.last && first - sequence.last > 1) {
        const std::pair gap(sequence.last + 1, first - 1);
        sequence.missing += gap.second - gap.first + 1;
        if (++sequence.gap_count <= SourceReport::kListedMax) sequence.gaps.push_back(gap);
      }
      sequence.last = std::max(sequence.last, last);
    }
    return sequence;
  }

  /// Something was heard again, or the time is over.
  void hear(Instant at) {
    if (!heard_ || at - *heard_ < request_.silence_min) return;
    ++report_.silence_count;
    if (report_.silences.size() < SourceReport::kListedMax)
      report_.silences.push_back({*heard_, at});
  }

  const CompletenessRequest& request_;
  SourceReport report_;
  std::vector<SequenceSeen::Run> seen_;  // at most SequenceSeen::kRunsMax of each day
  std::optional<Instant> heard_;         // up to when it was not silent
};

}  // namespace

Answered<void> completeness(const Engine& engine, const CompletenessRequest& request,
                            const std::function<bool(const SourceReport&)>& visit) {
  const KeyRange all = source_days_of(request.tenant);
  const std::string from =
      request.behind.empty() ? all.from : source_days_behind(request.tenant, request.behind);
  std::optional<SourceReader> reader;
  bool good = true, goes_on = true;
  const auto scanned = engine.store().scan(Table::State, from, all.until,
                                           [&](std::string_view key, std::string_view value) {
                                             auto place = read_source_day_key(request.tenant, key);
                                             const auto row = read_source_day(value);
                                             good = place && row;
                                             if (!good) return false;
                                             if (reader && reader->source() != place->source) {
                                               goes_on = visit(reader->finish());
                                               reader.reset();
                                             }
                                             if (!goes_on) return false;
                                             if (!reader)
                                               reader.emplace(std::move(place->source), request);
                                             reader->add(place->day, *row);
                                             return true;
                                           });
  if (!scanned) return std::unexpected(unanswered(scanned.error()));
  if (!good) return std::unexpected(unanswered(damaged(Table::State, "the day of a source")));
  if (goes_on && reader) visit(reader->finish());
  return {};
}

}  // namespace toll::engine
