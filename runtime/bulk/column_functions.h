// The functions over columns that a table needs: one for each set of decimal places that its
// columns have in some block, made when it is first asked for.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "compiler/columns.h"
#include "runtime/bulk/columns.h"
#include "runtime/quoting/bound.h"

namespace toll::runtime {

/// Shared by the threads that rate a table.
class ColumnFunctions {
 public:
  /// `bound` says revision and period; both must outlive this.
  ColumnFunctions(const BoundUsage& bound, const TableColumns& columns);

  /// For columns with these decimal places, one per usage column of the table. Null where there is
  /// none, or as many as there may be: rows are then rated by themselves.
  const compiler::ColumnFunction* at(const std::vector<uint32_t>& scales);

 private:
  std::optional<compiler::ColumnFunction> make(const std::vector<uint32_t>& scales);

  const Revision& revision_;
  compiler::ColumnShape shape_;  // but for its scales
  std::mutex mutex_;
  std::optional<compiler::NativeCompiler> compiler_;
  std::map<std::vector<uint32_t>, std::optional<compiler::ColumnFunction>> functions_;
};

}  // namespace toll::runtime
