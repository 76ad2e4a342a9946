#include "metering/field_places.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace toll::metering {
namespace {

bool is_made_of(std::string_view name, std::string_view prefix, std::string_view key) {
  return name.size() == prefix.size() + key.size() && name.starts_with(prefix) &&
         name.ends_with(key);
}

}  // namespace

void FieldPlaces::begin(UsageEvent& event) {
  event_ = &event;
  put_ = 0;
  as_before_ = event.fields.size() == places_.size();
}

FieldValue& FieldPlaces::next(std::string_view prefix, std::string_view key) {
  if (as_before_ && put_ < places_.size()) {
    auto& [name, value] = event_->fields[places_[put_]];
    if (is_made_of(name, prefix, key)) {
      ++put_;
      return value;
    }
  }
  if (as_before_) put_back();
  if (put_ == event_->fields.size()) event_->fields.emplace_back();
  auto& [name, value] = event_->fields[put_++];
  name.assign(prefix);
  name += key;
  return value;
}

std::optional<std::string_view> FieldPlaces::finish() {
  if (as_before_ && put_ == places_.size()) return std::nullopt;
  if (as_before_) put_back();
  auto& fields = event_->fields;
  fields.resize(put_);
  const auto name = [&fields](uint32_t at) -> std::string_view { return fields[at].first; };
  std::vector<uint32_t> order(put_);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, name);
  places_.clear();
  const auto twice = std::ranges::adjacent_find(order, {}, name);
  if (twice != order.end()) return name(*twice);
  places_.resize(put_);
  std::vector<std::pair<std::string, FieldValue>> sorted;
  for (uint32_t i = 0; i < order.size(); ++i) {
    places_[order[i]] = i;
    sorted.push_back(std::move(fields[order[i]]));
  }
  fields = std::move(sorted);
  return std::nullopt;
}

/// The fields so far in the order in which they came, since the next one is another than before.
void FieldPlaces::put_back() {
  std::vector<std::pair<std::string, FieldValue>> fields;
  for (size_t i = 0; i < put_; ++i) fields.push_back(std::move(event_->fields[places_[i]]));
  event_->fields = std::move(fields);
  as_before_ = false;
}

}  // namespace toll::metering
