#include "wire/to_date_json.h"

namespace toll::wire {

void write_to_date(JsonWriter& json, std::string_view name,
                   std::span<const runtime::UsageDocument::ToDate> values) {
  if (values.empty()) return;
  json.key(name).begin_object();
  for (const auto& value : values) json.text(value.name, value.value.to_string());
  json.end_object();
}

void write_grants(JsonWriter& json, std::span<const runtime::Grant> grants) {
  if (grants.empty()) return;
  json.key("grants").begin_array();
  for (const runtime::Grant& grant : grants) {
    json.begin_object().text("pool", grant.pool).text("quantity", grant.quantity.to_string());
    if (grant.from) json.text("from", to_string(*grant.from));
    if (grant.expires) json.text("expires", to_string(*grant.expires));
    if (grant.recurring) json.key("recurring").boolean(true);
    json.end_object();
  }
  json.end_array();
}

}  // namespace toll::wire
