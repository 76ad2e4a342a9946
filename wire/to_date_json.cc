#include "wire/to_date_json.h"

namespace toll::wire {

void write_to_date(JsonWriter& json, std::string_view name,
                   std::span<const runtime::UsageDocument::ToDate> values) {
  if (values.empty()) return;
  json.key(name).begin_object();
  for (const auto& value : values) json.text(value.name, value.value.to_string());
  json.end_object();
}

}  // namespace toll::wire
