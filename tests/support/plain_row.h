// A line that plain rows take is one that is read with care too, and the same is read.
#pragma once

#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/utf8.h"
#include "runtime/bulk/plain_rows.h"
#include "runtime/bulk/rows.h"

namespace toll::testing {

/// A customer, two quantities, and a column that is kept.
inline const runtime::TableColumns& columns_of_plain_row() {
  static const runtime::TableColumns columns = [] {
    runtime::TableColumns made;
    made.columns = {{"customer", {}},
                    {"calls", runtime::TableCell{0, {}}},
                    {"note", {}},
                    {"tokens[mini, input]", runtime::TableCell{1, {0, 0}}}};
    made.customer = 0;
    return made;
  }();
  return columns;
}

/// What is wrong with a line, if anything is. REQUIRES: it has no line break.
inline std::string disagreement(runtime::TableFormat format, std::string_view line,
                                bool& is_plain) {
  const runtime::TableColumns& columns = columns_of_plain_row();
  runtime::PlainRows plain(columns, format);
  // As in a block: what follows is readable, and of another line.
  const std::string text = std::string(line) + "\n7,\"8";
  is_plain = is_utf8(line) && plain.add({text.data(), line.size()}, text.data() + text.size());
  if (!is_plain) return {};
  runtime::PlainRows at_the_end(columns, format);
  if (!at_the_end.add(line, line.data() + line.size())) return "depends on what follows";
  runtime::Rows rows(columns, format);
  const auto fields = rows.fields(line);
  if (!fields) return fields.error();
  if (plain.customer() != (*fields)[0]) return "the customer differs";
  std::vector<uint32_t> scales;
  if (!plain.align(scales)) return "the row does not fit by itself";
  for (size_t i = 0; i < 2; ++i) {
    const auto careful = parse_decimal((*fields)[1 + 2 * i]);
    if (!careful) return "a quantity is none";
    const Decimal quantity{plain.columns()[i][0], static_cast<int>(scales[i])};
    if (quantity < *careful || *careful < quantity) return "a quantity differs";
  }
  return {};
}

}  // namespace toll::testing
