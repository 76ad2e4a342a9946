#include "metering/sums.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "metering/counting/cell.h"
#include "metering/counting/meter_reading.h"

namespace toll::metering {
namespace {

using dsl::Aggregate;

/// Texts and numbers one behind the other, so that no two lists of them read alike.
class Description {
 public:
  void text(std::string_view text) { out_ += fmt::format("{}:{};", text.size(), text); }
  void number(int64_t number) { out_ += fmt::format("{};", number); }
  void ratio(const std::optional<Ratio>& ratio) { text(ratio ? exact(*ratio) : std::string()); }
  void texts(const std::vector<std::string>& texts) {
    number(static_cast<int64_t>(texts.size()));
    for (const std::string& one : texts) text(one);
  }

  void meter(const dsl::RateCard& card, const dsl::Meter& meter) {
    const dsl::EventBinding& binding = meter.binding;
    text(meter.name);
    text(meter.unit);
    number(static_cast<int64_t>(binding.aggregate));
    texts(binding.from);
    text(binding.step.value_or(""));
    text(binding.until.value_or(""));
    ratio(binding.each_at_least);
    ratio(binding.each_rounded);
    number(static_cast<int64_t>(binding.each_mode));
    // Nothing where it is not said: sums that are kept under a reading without it stay its sums.
    if (binding.each_times) text(binding.each_times->field);
    number(static_cast<int64_t>(binding.takes.size()));
    for (const dsl::TakenField& take : binding.takes) {
      text(take.field);
      text(take.less.value_or(""));
      number(take.as ? take.as->dimension : -1);
      number(take.as ? take.as->value : -1);
    }
    number(static_cast<int64_t>(meter.dimensions.size()));
    for (const uint32_t index : meter.dimensions) dimension(card.dimensions[index]);
  }

  const std::string& out() const { return out_; }

 private:
  static std::string exact(const Ratio& ratio) {
    return Decimal{ratio.numerator(), 0}.to_string() + "/" +
           Decimal{ratio.denominator(), 0}.to_string();
  }

  void dimension(const dsl::Dimension& dimension) {
    const dsl::DimensionBinding& binding = dimension.binding;
    text(dimension.name);
    texts(dimension.values);
    number(dimension.open);
    number(static_cast<int64_t>(binding.kind));
    texts(binding.fields);
    number(static_cast<int64_t>(binding.bounds.size()));
    for (const auto& bound : binding.bounds) text(bound ? bound->to_string() : std::string());
    text(binding.zone);
    number(static_cast<int64_t>(binding.times.size()));
    for (const dsl::WeekTime& time : binding.times)
      for (const int64_t part : {int64_t{time.value}, int64_t{time.first_day},
                                 int64_t{time.last_day}, time.from.count(), time.until.count()})
        number(part);
    number(binding.otherwise);
  }

  std::string out_;
};

std::strong_ordering order(const CellSum& cell, uint32_t meter, std::span<const uint32_t> values) {
  if (cell.meter != meter) return cell.meter <=> meter;
  return std::lexicographical_compare_three_way(cell.values.begin(), cell.values.end(),
                                                values.begin(), values.end());
}

/// Where the cell stands, or would.
std::span<CellSum>::iterator place_in(std::span<CellSum> cells, uint32_t meter,
                                      std::span<const uint32_t> values) {
  return std::ranges::partition_point(
      cells, [&](const CellSum& cell) { return order(cell, meter, values) < 0; });
}

bool add_to(CellSum& cell, const Ratio& sum) {
  const auto with = checked_add(cell.sum, sum);
  if (with) cell.sum = *with;
  return with.has_value();
}

std::string bytes_of(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return bytes;
}

}  // namespace

bool adds_up(const dsl::RateCard& card) {
  return std::ranges::all_of(card.meters, [](const dsl::Meter& meter) {
    const Aggregate aggregate = meter.binding.aggregate;
    return !meter.binding.outcome && meter.grain == dsl::Grain::Cell &&
           (aggregate == Aggregate::Counts || aggregate == Aggregate::Sums);
  });
}

std::string reading_of(const dsl::RateCard& card) {
  Description description;
  description.text(card.time_zone);  // of dimensions by time
  for (const dsl::Meter& meter : card.meters) description.meter(card, meter);
  return bytes_of(sha256_hex(description.out()).substr(0, 32));
}

std::expected<std::vector<CellSum>, Rejection> sums_of(const dsl::RateCard& card,
                                                       const UsageEvent& event) {
  auto read = contributions_to_meters(card, event);
  if (!read) return std::unexpected(std::move(read.error()));
  std::vector<CellSum> sums;
  for (auto& [meter, contributions] : *read)
    for (Contribution& contribution : contributions)
      sums.push_back({meter, std::move(contribution.values), contribution.quantity});
  return sums;
}

uint32_t CellNumbers::of(uint32_t meter, std::span<const uint32_t> values) {
  uint64_t hash = meter;
  for (const uint32_t value : values) hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  for (auto [at, end] = numbers_.equal_range(hash); at != end; ++at) {
    const CellName& name = names_[at->second];
    if (name.meter == meter && std::ranges::equal(name.values, values)) return at->second;
  }
  const auto number = static_cast<uint32_t>(names_.size());
  names_.push_back({meter, {values.begin(), values.end()}});
  numbers_.emplace(hash, number);
  return number;
}

bool Sums::add(std::span<const CellSum> cells) {
  const auto out_of_order = [](const CellSum& a, const CellSum& b) {
    return order(a, b.meter, b.values) >= 0;
  };
  if (std::ranges::adjacent_find(cells, out_of_order) != cells.end())
    return std::ranges::all_of(
        cells, [this](const CellSum& cell) { return add(cell.meter, cell.values, cell.sum); });
  // New ones go behind the others and take their places together: one by one, each would move all
  // behind it.
  const size_t had = cells_.size();
  size_t at = 0;
  for (const CellSum& cell : cells) {
    const std::span<CellSum> rest = std::span(cells_).first(had).subspan(at);
    at += static_cast<size_t>(place_in(rest, cell.meter, cell.values) - rest.begin());
    if (at == had || order(cells_[at], cell.meter, cell.values) != 0) {
      cells_.push_back(cell);
    } else if (!add_to(cells_[at], cell.sum)) {
      return false;
    }
  }
  std::inplace_merge(
      cells_.begin(), cells_.begin() + static_cast<std::ptrdiff_t>(had), cells_.end(),
      [](const CellSum& a, const CellSum& b) { return order(a, b.meter, b.values) < 0; });
  return true;
}

bool Sums::add(uint32_t meter, std::span<const uint32_t> values, const Ratio& sum) {
  const auto at = cells_.begin() + (place_in(cells_, meter, values) - std::span(cells_).begin());
  if (at != cells_.end() && order(*at, meter, values) == 0) return add_to(*at, sum);
  cells_.insert(at, {meter, {values.begin(), values.end()}, sum});
  return true;
}

std::expected<MeteredUsage, UnfitReading> read_sums(const dsl::RateCard& card, const Sums& sums) {
  MeteredUsage usage;
  for (const CellSum& cell : sums.cells()) {
    const auto quantity = quantity_of_sum(cell.sum);
    if (!quantity)
      return std::unexpected(
          UnfitReading{card.meters[cell.meter].name, cell.values, "the quantity does not fit"});
    if (usage.meters.empty() || usage.meters.back().meter != cell.meter)
      usage.meters.push_back({cell.meter, {}});
    usage.meters.back().cells.push_back(
        {.values = cell.values, .quantity = *quantity, .pending = {}, .items = {}, .days = {}});
  }
  return usage;
}

}  // namespace toll::metering
