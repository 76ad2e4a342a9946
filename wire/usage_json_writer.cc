#include "wire/json_writer.h"
#include "wire/to_date_json.h"
#include "wire/usage_json.h"

namespace toll::wire {
namespace {

/// As the entry gives it: a quantity, a list of items, or a quantity by day.
void write_quantity(const runtime::UsageEntry& entry, JsonWriter& json) {
  using Given = runtime::UsageEntry::Given;
  switch (entry.given) {
    case Given::Quantity:
      json.text("quantity", entry.quantity.to_string());
      if (entry.pending) json.text("pending", entry.pending->to_string());
      return;
    case Given::Items:
      json.key("items").begin_array();
      for (const Decimal& item : entry.items) json.text(item.to_string());
      json.end_array();
      return;
    case Given::Days:
      json.key("days").begin_object();
      for (const auto& [day, quantity] : entry.days)
        json.text(to_string(day), quantity.to_string());
      json.end_object();
  }
}

/// Says only what is not the default.
void write_state(const runtime::UsageDocument& document, JsonWriter& json) {
  if (document.final && document.used_to_date.empty() && document.billed_to_date.empty() &&
      document.grants.empty())
    return;
  json.key("state").begin_object();
  if (!document.final) json.key("final").boolean(false);
  write_to_date(json, "used_to_date", document.used_to_date);
  write_to_date(json, "billed_to_date", document.billed_to_date);
  write_grants(json, document.grants);
  json.end_object();
}

}  // namespace

std::string to_json(const runtime::UsageDocument& document) {
  std::string text;
  JsonWriter json(text);
  const auto name = [&json](std::string_view field, const std::optional<std::string>& value) {
    if (value) json.text(field, *value);
  };
  const auto day = [&json](std::string_view field, const std::optional<Date>& value) {
    if (value) json.text(field, to_string(*value));
  };
  json.begin_object().text("card", document.card);
  day("on", document.on);
  name("hash", document.hash);
  name("plan", document.plan);
  if (!document.plan_changes.empty()) {
    json.key("plan_changes").begin_object();
    for (const auto& [from, plan] : document.plan_changes) json.text(to_string(from), plan);
    json.end_object();
  }
  name("currency", document.currency);
  name("customer", document.customer);
  day("customer_since", document.customer_since);
  day("customer_until", document.customer_until);
  if (document.period) {
    json.key("period").begin_object();
    day("from", document.period->from);
    day("until", document.period->until);
    json.end_object();
  }
  json.key("usage").begin_array();
  for (const runtime::UsageEntry& entry : document.usage) {
    json.begin_object().text("meter", entry.meter);
    if (!entry.at.empty()) {
      json.key("at").begin_object();
      for (const auto& [dimension, value] : entry.at) json.text(dimension, value);
      json.end_object();
    }
    write_quantity(entry, json);
    day("from", entry.from);
    day("until", entry.until);
    json.end_object();
  }
  json.end_array();
  write_state(document, json);
  json.end_object();
  return text;
}

}  // namespace toll::wire
