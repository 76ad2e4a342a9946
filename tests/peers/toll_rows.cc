#include "tests/peers/toll_rows.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

namespace toll::peers {
namespace {

/// The columns of a workload as its card has them: one for each meter, in order.
compiler::ColumnShape shape_of(const std::string& workload) {
  compiler::ColumnShape shape;
  const bool by_model = workload == "models";
  const auto meters = static_cast<uint32_t>(columns_of(workload) - (by_model ? 1 : 0));
  std::vector<uint32_t> values;
  if (by_model) values.push_back(compiler::kByCode);
  for (uint32_t meter = 0; meter < meters; ++meter)
    shape.columns.push_back(
        {.meter = meter, .values = values, .type = compiler::ColumnType::UInt32});
  if (by_model) shape.codes.assign(meters, compiler::ColumnType::UInt8);
  return shape;
}

}  // namespace

TollRows::TollRows(const std::string& workload, std::vector<Column> columns, std::string card)
    : card_(testing::lowered_card(std::move(card))),
      function_(compiler::ColumnFunction::compile(compiler_, card_.card, card_.program,
                                                  shape_of(workload))
                    .value()),
      cents_(columns.front().size()) {
  if (!function_.is_compiled()) testing::give_up(workload + ": there is no code over columns\n");
  if (workload == "models") {
    codes_ = narrowed<uint8_t>(columns.front());
    columns.erase(columns.begin());
  }
  for (const Column& column : columns) quantities_.push_back(narrowed<uint32_t>(column));
}

__int128 TollRows::rate(size_t threads, Column* cents) const {
  return total_of(threads, cents_.size(), cents, [this] { return rater(); });
}

BlockRate TollRows::rater() const {
  const auto rater = std::make_shared<compiler::ColumnRater>(function_, nullptr);
  return [this, rater](size_t begin, size_t rows, int64_t* cents) {
    std::vector<const void*> quantities;
    for (const auto& column : quantities_) quantities.push_back(column.data() + begin);
    const std::vector<const void*> codes(quantities_.size(), codes_.data() + begin);
    std::vector<compiler::RowApart> apart;
    rater->rate({.quantities = quantities.data(), .codes = codes.data(), .rows = rows},
                {.totals = cents}, apart);
    if (!apart.empty())
      testing::give_up(fmt::format("row {} has no total\n", begin + apart.front().row));
  };
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) testing::give_up("cannot read " + path + "\n");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace toll::peers
