// The fields of a usage document: the contract as a table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace toll::wire {

/// The objects and lists that a document is made of.
enum class Part : uint8_t {
  Document,
  Period,
  Usage,
  Entry,
  At,
  Items,
  Days,
  PlanChanges,
  State,
  UsedToDate,
  BilledToDate,
  Grants,
  Grant,
  Ignored,  ///< below a field that is no part of the contract, which has been reported
};

/// "a usage document", "an entry of `usage`": for messages.
std::string_view name_of(Part part);

enum class Takes : uint8_t {
  Id,        ///< a text that may be shown and logged
  IdOrNull,  ///< null says the same as leaving the field out
  Date,
  Quantity,
  Flag,
  Object,
  List,
};

/// "a date in quotes, like ...": for messages.
std::string_view kind_wanted(Takes takes);

enum class FieldId : uint8_t {
  Card,
  On,
  Hash,
  Plan,
  PlanChanges,
  Currency,
  Customer,
  CustomerSince,
  CustomerUntil,
  Period,
  Usage,
  State,  // Document
  From,
  Until,  // Period, Entry
  Meter,
  At,
  Quantity,
  Pending,
  Items,
  Days,  // Entry
  Final,
  UsedToDate,
  BilledToDate,
  Grants,  // State
  Pool,
  Expires,
  Recurring,  // Grant, beside Quantity and From
  Document,
  Entry,
  AtValue,
  Item,
  Day,
  PlanOfDay,
  ToDateValue,
  GrantElement,  // values without a fixed name
};

struct Field {
  Part part;
  FieldId id;
  std::string_view name;
  Takes takes;
  bool required = false;
};

// The document itself, elements of lists, and what `at`, `days`, `plan_changes` and what came to
// date give by name have no fixed name.
inline constexpr Field kDocument{Part::Document, FieldId::Document, "", Takes::Object};
inline constexpr Field kEntry{Part::Usage, FieldId::Entry, "", Takes::Object};
inline constexpr Field kGrant{Part::Grants, FieldId::GrantElement, "", Takes::Object};
inline constexpr Field kAtValue{Part::At, FieldId::AtValue, "", Takes::Id};
inline constexpr Field kToDateValue{Part::UsedToDate, FieldId::ToDateValue, "", Takes::Quantity};
inline constexpr Field kPlanOfDay{Part::PlanChanges, FieldId::PlanOfDay, "", Takes::Id};
inline constexpr Field kItem{Part::Items, FieldId::Item, "an item", Takes::Quantity};
inline constexpr Field kDay{Part::Days, FieldId::Day, "a day", Takes::Quantity};

/// All fields of a part, in the order of the contract.
std::span<const Field> fields_of(Part part);

/// Null if the part has no such field.
const Field* find_field(Part part, std::string_view name);

}  // namespace toll::wire
