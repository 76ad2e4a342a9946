#include "wire/reading/usage_fields.h"

#include <algorithm>
#include <utility>

namespace toll::wire {
namespace {

constexpr Field kFields[] = {
    {Part::Document, FieldId::Card, "card",
     Takes::Id},  // required unless it is asked for elsewhere
    {Part::Document, FieldId::On, "on", Takes::Date},
    {Part::Document, FieldId::Hash, "hash", Takes::IdOrNull},
    {Part::Document, FieldId::Plan, "plan", Takes::IdOrNull},
    {Part::Document, FieldId::PlanChanges, "plan_changes", Takes::Object},
    {Part::Document, FieldId::Currency, "currency", Takes::Id},
    {Part::Document, FieldId::Customer, "customer", Takes::Id},
    {Part::Document, FieldId::CustomerSince, "customer_since", Takes::Date},
    {Part::Document, FieldId::CustomerUntil, "customer_until", Takes::Date},
    {Part::Document, FieldId::Period, "period", Takes::Object},
    {Part::Document, FieldId::Usage, "usage", Takes::List},
    {Part::Document, FieldId::State, "state", Takes::Object},

    {Part::Period, FieldId::From, "from", Takes::Date, true},
    {Part::Period, FieldId::Until, "until", Takes::Date, true},

    {Part::Entry, FieldId::Meter, "meter", Takes::Id, true},
    {Part::Entry, FieldId::At, "at", Takes::Object},
    {Part::Entry, FieldId::Quantity, "quantity", Takes::Quantity},  // or `items` or `days`
    {Part::Entry, FieldId::Pending, "pending", Takes::Quantity},
    {Part::Entry, FieldId::From, "from", Takes::Date},
    {Part::Entry, FieldId::Until, "until", Takes::Date},
    {Part::Entry, FieldId::Items, "items", Takes::List},
    {Part::Entry, FieldId::Days, "days", Takes::Object},

    {Part::State, FieldId::Final, "final", Takes::Flag},
    {Part::State, FieldId::UsedToDate, "used_to_date", Takes::Object},
    {Part::State, FieldId::BilledToDate, "billed_to_date", Takes::Object},
    {Part::State, FieldId::Grants, "grants", Takes::List},

    {Part::Grant, FieldId::Pool, "pool", Takes::Id, true},
    {Part::Grant, FieldId::Quantity, "quantity", Takes::Quantity, true},
    {Part::Grant, FieldId::From, "from", Takes::Date},
    {Part::Grant, FieldId::Expires, "expires", Takes::Date},
    {Part::Grant, FieldId::Recurring, "recurring", Takes::Flag},
};

}  // namespace

std::string_view name_of(Part part) {
  switch (part) {
    case Part::Document:
      return "a usage document";
    case Part::Period:
      return "`period`";
    case Part::Usage:
      return "`usage`";
    case Part::Entry:
      return "an entry of `usage`";
    case Part::At:
      return "`at`";
    case Part::Items:
      return "`items`";
    case Part::Days:
      return "`days`";
    case Part::PlanChanges:
      return "`plan_changes`";
    case Part::State:
      return "`state`";
    case Part::UsedToDate:
      return "`used_to_date`";
    case Part::BilledToDate:
      return "`billed_to_date`";
    case Part::Grants:
      return "`grants`";
    case Part::Grant:
      return "an element of `grants`";
    case Part::Ignored:
      return "this field";
  }
  std::unreachable();
}

std::string_view kind_wanted(Takes takes) {
  switch (takes) {
    case Takes::Id:
    case Takes::IdOrNull:
      return "a text in quotes";
    case Takes::Date:
      return "a date in quotes, like \"2026-03-31\"";
    case Takes::Quantity:
      return "a number, plain or in quotes";
    case Takes::Flag:
      return "true or false";
    case Takes::Object:
      return "an object in braces";
    case Takes::List:
      return "a list in brackets";
  }
  std::unreachable();
}

std::span<const Field> fields_of(Part part) {
  const auto of_part = std::ranges::equal_range(kFields, part, {}, &Field::part);
  return {of_part.begin(), of_part.end()};
}

const Field* find_field(Part part, std::string_view name) {
  for (const Field& field : fields_of(part))
    if (field.name == name) return &field;
  return nullptr;
}

}  // namespace toll::wire
