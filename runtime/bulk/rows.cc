#include "runtime/bulk/rows.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace toll::runtime {
namespace {

/// How much of a rejected line is repeated.
constexpr size_t kShownBytesMax = 4096;

}  // namespace

void reject(Block& block, size_t line, std::string_view reason, std::string_view text) {
  ++block.totals.rejected;
  block.rejections += fmt::format("{},", line);
  append_csv_field(block.rejections, reason);
  block.rejections += ',';
  append_csv_field(block.rejections, text.substr(0, kShownBytesMax));
  block.rejections += '\n';
}

std::optional<std::string> unfit_line(std::string_view line) {
  if (line.empty()) return "the line is empty";
  if (line.size() > kTableLineBytesMax)
    return fmt::format("the line is longer than {} bytes", kTableLineBytesMax);
  if (!is_utf8(line)) return "the line is not UTF-8";
  return std::nullopt;
}

/// An object gets the amount as its last value.
void append_rated(std::string& text, TableFormat format, std::string_view record,
                  std::string_view amount) {
  if (format == TableFormat::Csv) {
    text.append(record).append(",").append(amount).append("\n");
    return;
  }
  text.append(record.substr(0, record.rfind('}'))).append(",\"amount\":\"");
  text.append(amount).append("\"}\n");
}

std::expected<std::span<const std::string_view>, std::string> Rows::fields(std::string_view line) {
  if (auto why = unfit_line(line)) return std::unexpected(*std::move(why));
  return format_ == TableFormat::Csv ? csv_fields(line) : json_fields(line);
}

/// In whatever order they stand.
std::expected<std::span<const std::string_view>, std::string> Rows::json_fields(
    std::string_view line) {
  const auto fields = json_.read(line);
  if (!fields) return std::unexpected(fields.error());
  in_order_.assign(columns_.columns.size(), {});
  std::vector<bool> has(in_order_.size());
  for (size_t i = 0; i < fields->size(); ++i) {
    const JsonField& field = (*fields)[i];
    // Most objects have their names in one order.
    const size_t column = i < has.size() && columns_.columns[i].name == field.name
                              ? i
                              : columns_.place_of(field.name);
    if (column == TableColumns::kNone)
      return std::unexpected(
          fmt::format("`{}` is not among the names of the first line", field.name));
    if (columns_.customer == column && !field.is_string)
      return std::unexpected(named(column, "is no string"));
    in_order_[column] = field.value;
    has[column] = true;
  }
  for (size_t i = 0; i < has.size(); ++i)
    if (!has[i] && !(columns_.long_form && columns_.long_form->is_dimension(i)))
      return std::unexpected(named(i, columns_.columns[i].cell
                                          ? "is missing: write 0 where nothing was used"
                                          : "is missing"));
  return std::span<const std::string_view>(in_order_);
}

std::expected<std::span<const std::string_view>, std::string> Rows::csv_fields(
    std::string_view line) {
  const auto fields = csv_.split(line);
  if (!fields) {
    const size_t column = fields.error().column;
    return std::unexpected(column <= columns_.columns.size()
                               ? named(column - 1, fields.error().message)
                               : fmt::format("column {} {}", column, fields.error().message));
  }
  if (fields->size() != columns_.columns.size())
    return std::unexpected(fmt::format("the row has {} fields, and the header {}", fields->size(),
                                       columns_.columns.size()));
  return *fields;
}

std::string Rows::named(size_t column, std::string_view what) const {
  return fmt::format("`{}` {}", columns_.columns[column].name, what);
}

}  // namespace toll::runtime
