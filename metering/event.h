// UsageEvent: a fact about usage, reported once, as CloudEvents 1.0 carries it (cncf/spec, v1.0.2).
// Plain values; any thread may read one that none writes.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/decimal.h"
#include "base/instant.h"

namespace toll::metering {

/// A number that no quantity can be: why not.
struct UnfitNumber {
  DecimalFault fault;
  friend bool operator==(const UnfitNumber&, const UnfitNumber&) = default;
};

/// A field that is neither text nor number: true, false, a list.
struct OtherValue {
  friend bool operator==(const OtherValue&, const OtherValue&) = default;
};

/// What a field of `data` holds. A number may be negative: a level may go down.
using FieldValue = std::variant<std::string, Decimal, UnfitNumber, OtherValue>;

struct UsageEvent {
  std::string source, id;  ///< together the event's identity
  std::string type;        ///< what meters read: `llm.request`
  std::string subject;     ///< the customer
  Instant time;
  /// Fields of `data`, rising by name; those of nested objects have dotted names. A null is absent.
  std::vector<std::pair<std::string, FieldValue>> fields;
  /// The number that the source gave it (the `sequence` extension), if that is a whole number. It
  /// tells whether some are missing, and says nothing about what happened.
  std::optional<uint64_t> sequence = {};

  /// Null where the event has no such field.
  const FieldValue* field(std::string_view name) const;

  /// Whether both say the same.
  friend bool operator==(const UsageEvent& a, const UsageEvent& b) {
    return a.source == b.source && a.id == b.id && a.type == b.type && a.subject == b.subject &&
           a.time == b.time && a.fields == b.fields;
  }
};

}  // namespace toll::metering
