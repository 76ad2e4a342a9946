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

std::expected<std::span<const std::string_view>, std::string> Rows::fields(std::string_view line) {
  if (auto why = unfit_line(line)) return std::unexpected(*std::move(why));
  const auto fields = record_.split(line);
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
