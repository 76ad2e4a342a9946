#include "metering/csv_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/decimal.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::metering {
namespace {

constexpr std::array<std::string_view, 6> kAttributes = {"id",   "source",  "type",
                                                         "time", "subject", "sequence"};
constexpr std::string_view kFieldPrefix = "data.";

/// Of a table that another program wrote: UTF-8 files of spreadsheets begin with it.
std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

/// Digits with at most one point, as JSON writes a number. `007` and `1e3` are texts.
bool is_number(std::string_view cell) {
  if (cell.starts_with('-')) cell.remove_prefix(1);
  return parse_decimal(cell).has_value();
}

/// A field's name as a JSON string; names of columns may be any text.
void write_key(std::string& text, std::string_view name) {
  wire::JsonWriter(text).text(name);
  text += ':';
}

}  // namespace

bool CsvEvents::has(std::string_view attribute) const {
  return std::ranges::any_of(columns_, [&](const Column& column) {
    return column.is_attribute && column.name == attribute;
  });
}

std::expected<void, EventFault> CsvEvents::add_column(std::string_view name) {
  const bool is_field = name.starts_with(kFieldPrefix);
  if (is_field) name.remove_prefix(kFieldPrefix.size());
  if (!is_field && name == "customer") name = "subject";
  if (name.empty()) return refused_event("has a column without a name");
  const bool is_attribute = !is_field && std::ranges::find(kAttributes, name) != kAttributes.end();
  const auto is_it = [&](const Column& column) {
    return column.name == name && column.is_attribute == is_attribute;
  };
  if (std::ranges::any_of(columns_, is_it))
    return refused_event(fmt::format("has the column `{}` twice", wire::shown(name)));
  columns_.push_back({std::string(name), is_attribute});
  return {};
}

std::expected<CsvEvents, EventFault> CsvEvents::open(std::string_view header,
                                                     const CsvDefaults& defaults) {
  CsvEvents events;
  const auto names = events.record_.split(without_byte_order_mark(header));
  if (!names)
    return refused_event(fmt::format("has a header whose column {} {}", names.error().column,
                                     names.error().message));
  if (const size_t sign = header.find_first_of(";\t"); names->size() == 1 && sign != header.npos)
    return refused_event(fmt::format(
        "has a header that seems to be separated by {}: save the table with commas between its "
        "columns",
        header[sign] == ';' ? "`;`" : "tabs"));
  for (const std::string_view name : *names)
    if (auto added = events.add_column(name); !added) return std::unexpected(added.error());
  for (const auto& [name, value] : {std::pair<std::string, std::string>("source", defaults.source),
                                    {"type", defaults.type},
                                    {"subject", defaults.customer}})
    if (!events.has(name) && !value.empty()) events.common_.emplace_back(name, value);
  for (const std::string_view name : {"id", "source", "type", "subject", "time"}) {
    const bool common =
        std::ranges::any_of(events.common_, [&](const auto& one) { return one.first == name; });
    if (!common && !events.has(name))
      return refused_event(
          fmt::format("has no column `{}`", name == "subject" ? "customer" : name));
  }
  return events;
}

std::expected<std::string, EventFault> CsvEvents::text_of(std::string_view line) {
  const auto cells = record_.split(line);
  if (!cells)
    return refused_event(fmt::format("column {} {}", cells.error().column, cells.error().message));
  if (cells->size() != columns_.size())
    return refused_event(
        fmt::format("has {} columns, and the header {}", cells->size(), columns_.size()));
  std::string text, fields;
  wire::JsonWriter json(text);
  json.begin_object().text("specversion", "1.0");
  for (const auto& [name, value] : common_) json.text(name, value);
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    const std::string_view cell = (*cells)[i];
    if (cell.empty()) continue;
    if (column.is_attribute) {
      json.text(column.name, cell);
      continue;
    }
    if (!fields.empty()) fields += ',';
    write_key(fields, column.name);
    if (is_number(cell))
      fields += cell;
    else
      wire::JsonWriter(fields).text(cell);
  }
  json.key("data").json("{" + fields + "}").end_object();
  return text;
}

}  // namespace toll::metering
