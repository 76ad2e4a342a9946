// Usage events in a CSV table: one a line, under a header that says what each column is.
//
//   id,time,customer,type,model,input_tokens        an attribute of the event, or a field of `data`
//   req-1,2026-03-01T12:00:00Z,acme,llm.request,large,1200
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "metering/read_events.h"
#include "runtime/csv.h"

namespace toll::metering {

/// What all events of a table have in common where no column says it.
struct CsvDefaults {
  std::string source, type, customer;  ///< empty: a column has to say it
};

/// Turns lines into events of the JSON event format, for EventReader. Columns `id`, `source`,
/// `type`, `time`, `sequence`, and `subject` or `customer`, are attributes; every other one, with
/// or without `data.` before it, is a field of `data`, and `a.b` the field `b` of the object `a`. A
/// cell that is a JSON number is one; an empty cell is no field. Not thread-safe.
class CsvEvents {
 public:
  /// The header. The fault says which column cannot be, or which is missing.
  static std::expected<CsvEvents, EventFault> open(std::string_view header,
                                                   const CsvDefaults& defaults);

  /// A line without its line break.
  std::expected<std::string, EventFault> text_of(std::string_view line);

 private:
  struct Column {
    std::string name;  ///< of the attribute or field
    bool is_attribute = false;
  };
  CsvEvents() = default;
  std::expected<void, EventFault> add_column(std::string_view name);
  bool has(std::string_view attribute) const;

  std::vector<Column> columns_;
  std::vector<std::pair<std::string, std::string>> common_;  // attributes that no column says
  runtime::CsvRecord record_;
};

}  // namespace toll::metering
