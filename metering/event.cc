#include "metering/event.h"

#include <algorithm>

namespace toll::metering {

const FieldValue* UsageEvent::field(std::string_view name) const {
  const auto at = std::ranges::lower_bound(
      fields, name, {}, [](const auto& field) -> std::string_view { return field.first; });
  return at != fields.end() && at->first == name ? &at->second : nullptr;
}

}  // namespace toll::metering
