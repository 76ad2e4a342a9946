#include "metering/sum_reader.h"

#include <algorithm>
#include <string>
#include <utility>

namespace toll::metering {
namespace {

using dsl::DimensionBinding;

bool named_by_take(const dsl::Meter& meter, uint32_t place) {
  const auto& takes = meter.binding.takes;
  return !takes.empty() && std::ranges::all_of(takes, [&](const dsl::TakenField& take) {
    return take.as && take.as->dimension == place;
  });
}

/// Whether read_plain() can read the meter.
bool is_plain(const dsl::RateCard& card, const dsl::Meter& meter) {
  const dsl::EventBinding& binding = meter.binding;
  if (binding.step || binding.until || binding.each_at_least || binding.each_rounded ||
      binding.each_times)
    return false;
  for (uint32_t place = 0; place < meter.dimensions.size(); ++place) {
    if (named_by_take(meter, place)) continue;
    const dsl::Dimension& dimension = card.dimensions[meter.dimensions[place]];
    const bool by_some = std::ranges::any_of(binding.takes, [&](const dsl::TakenField& take) {
      return take.as && take.as->dimension == place;
    });
    if (dimension.binding.kind != DimensionBinding::Kind::Named || by_some) return false;
  }
  return true;
}

/// Finds fields where they were found before.
class FieldFinder {
 public:
  FieldFinder(const UsageEvent& event, std::vector<uint32_t>& places)
      : event_(event), places_(places) {}

  const FieldValue* field(std::string_view name) {
    if (next_ == places_.size()) places_.push_back(0);
    uint32_t& place = places_[next_++];
    if (place < event_.fields.size() && event_.fields[place].first == name)
      return &event_.fields[place].second;
    const auto at = std::ranges::lower_bound(
        event_.fields, name, {}, [](const auto& field) -> std::string_view { return field.first; });
    if (at == event_.fields.end() || at->first != name) return nullptr;
    place = static_cast<uint32_t>(at - event_.fields.begin());
    return &at->second;
  }

 private:
  const UsageEvent& event_;
  std::vector<uint32_t>& places_;
  size_t next_ = 0;
};

/// A whole number that is not negative.
const Int128* whole(FieldFinder& fields, std::string_view field) {
  const FieldValue* const value = fields.field(field);
  const auto* const number = value ? std::get_if<Decimal>(value) : nullptr;
  return number && number->scale == 0 && number->mantissa >= 0 ? &number->mantissa : nullptr;
}

}  // namespace

SumReader::SumReader(const dsl::RateCard& card) : card_(card) {
  values_.resize(card.dimensions.size());
  for (size_t i = 0; i < card.dimensions.size(); ++i)
    for (uint32_t value = 0; value < card.dimensions[i].values.size(); ++value)
      values_[i].emplace(card.dimensions[i].values[value], value);
}

/// Null where some meter of the type is not plain.
std::vector<SumReader::Plain>* SumReader::plain_meters_of(const std::string& type) {
  const auto [at, fresh] = types_.try_emplace(type);
  OfType& of_type = at->second;
  for (uint32_t index = 0; fresh && index < card_.meters.size(); ++index) {
    const dsl::Meter& meter = card_.meters[index];
    const auto& from = meter.binding.from;
    if (std::ranges::find(from, type) == from.end() && meter.binding.until != type) continue;
    of_type.all_plain = of_type.all_plain && is_plain(card_, meter);
    Plain& plain = of_type.meters.emplace_back();
    plain.meter = index;
    for (uint32_t place = 0; place < meter.dimensions.size(); ++place)
      plain.dimensions.push_back(named_by_take(meter, place) ? nullptr
                                                             : &values_[meter.dimensions[place]]);
  }
  return of_type.all_plain ? &of_type.meters : nullptr;
}

std::expected<bool, Rejection> SumReader::read(const UsageEvent& event, CellNumbers& cells,
                                               std::vector<NumberedSum>& sums) {
  const size_t before = sums.size();
  std::vector<Plain>* const meters = plain_meters_of(event.type);
  named_listed_values_ = meters && std::ranges::all_of(*meters, [&](Plain& plain) {
                           return read_plain(plain, event, cells, sums);
                         });
  if (named_listed_values_) return !meters->empty();
  // Whatever is out of the common is read as everywhere else, and so is what cannot be read: there
  // is one place that says why.
  sums.resize(before);
  const auto read = sums_of(card_, event);
  if (!read) return std::unexpected(read.error());
  for (const CellSum& cell : *read) sums.push_back({cells.of(cell.meter, cell.values), cell.sum});
  return !read->empty();
}

bool SumReader::read_plain(Plain& plain, const UsageEvent& event, CellNumbers& cells,
                           std::vector<NumberedSum>& sums) {
  const dsl::Meter& meter = card_.meters[plain.meter];
  FieldFinder fields(event, plain.places);
  at_.assign(plain.dimensions.size(), 0);
  for (uint32_t place = 0; place < plain.dimensions.size(); ++place) {
    if (!plain.dimensions[place]) continue;
    const FieldValue* const field = fields.field(card_.dimensions[meter.dimensions[place]].name);
    const auto* const name = field ? std::get_if<std::string>(field) : nullptr;
    if (!name) return false;
    const auto value = plain.dimensions[place]->find(*name);
    if (value == plain.dimensions[place]->end()) return false;
    at_[place] = value->second;
  }
  const auto& takes = meter.binding.takes;
  if (takes.empty()) {
    sums.push_back({cells.of(plain.meter, at_), Ratio(1)});
    return true;
  }
  return std::ranges::all_of(takes, [&](const dsl::TakenField& take) {
    const Int128* const quantity = whole(fields, take.field);
    const Int128* const less = take.less ? whole(fields, *take.less) : nullptr;
    if (!quantity || (take.less && (!less || *less > *quantity))) return false;
    if (take.as) at_[take.as->dimension] = take.as->value;
    sums.push_back({cells.of(plain.meter, at_), Ratio(*quantity - (less ? *less : 0))});
    return true;
  });
}

}  // namespace toll::metering
