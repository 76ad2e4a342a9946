#include "runtime/bulk/column_functions.h"

namespace toll::runtime {
namespace {

/// A table whose columns change their decimal places more often is rated row by row in between.
constexpr size_t kFunctionsMax = 16;

}  // namespace

ColumnFunctions::ColumnFunctions(const BoundUsage& bound, const TableColumns& columns)
    : revision_(*bound.revision) {
  shape_.covered_days = bound.input->covered_days;
  shape_.period_days = bound.input->period_days;
  shape_.final = bound.input->final;
  for (const TableColumn& column : columns.columns)
    if (column.cell)
      shape_.columns.push_back({.meter = column.cell->meter, .values = column.cell->values});
}

const compiler::ColumnFunction* ColumnFunctions::at(const std::vector<uint32_t>& scales) {
  const std::lock_guard lock(mutex_);
  auto found = functions_.find(scales);
  if (found == functions_.end()) {
    if (functions_.size() == kFunctionsMax) return nullptr;
    found = functions_.emplace(scales, make(scales)).first;
  }
  return found->second ? &*found->second : nullptr;
}

/// Nothing where the card has no native code: the interpreter then rates its rows.
std::optional<compiler::ColumnFunction> ColumnFunctions::make(const std::vector<uint32_t>& scales) {
  if (!revision_.native()) return std::nullopt;
  if (!compiler_) {
    auto compiler = compiler::NativeCompiler::create();
    if (!compiler) return std::nullopt;
    compiler_ = *std::move(compiler);
  }
  compiler::ColumnShape shape = shape_;
  for (size_t i = 0; i < scales.size(); ++i) shape.columns[i].scale = scales[i];
  auto function = compiler::ColumnFunction::compile(*compiler_, revision_.card(),
                                                    revision_.program(), std::move(shape));
  if (!function || !function->is_compiled()) return std::nullopt;
  return *std::move(function);
}

}  // namespace toll::runtime
