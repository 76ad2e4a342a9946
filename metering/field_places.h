// Where the fields of an event go while it is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "metering/event.h"

namespace toll::metering {

/// Writes over the fields of an event and uses their memory. Events of one kind have theirs in one
/// order, and then the place of each is that of the event before: nothing needs to be sorted. Not
/// thread-safe.
class FieldPlaces {
 public:
  /// REQUIRES: the fields that the event has rise by name.
  void begin(UsageEvent& event);

  /// The value of the next field, whose name is the prefix and the key.
  FieldValue& next(std::string_view prefix, std::string_view key);

  /// The fields then rise by name. A name that stands twice, if there is one: they do not then.
  std::optional<std::string_view> finish();

 private:
  void put_back();

  UsageEvent* event_ = nullptr;
  std::vector<uint32_t> places_;  // by the order in which the event before had its fields
  size_t put_ = 0;
  bool as_before_ = false;
};

}  // namespace toll::metering
