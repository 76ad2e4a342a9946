// The workloads by Toll's function over columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/columns.h"
#include "tests/peers/peer.h"
#include "tests/support/cards.h"

namespace toll::peers {

class TollRows {
 public:
  /// `columns`: as the workload's file has them. `card`: the text of its card.
  TollRows(const std::string& workload, std::vector<Column> columns, std::string card);

  /// The total of all rows, whose amounts are then in cents().
  __int128 rate(size_t threads) { return rate(threads, &cents_); }
  /// The total alone.
  __int128 add_up(size_t threads) { return rate(threads, nullptr); }

  const Column& cents() const { return cents_; }

 private:
  __int128 rate(size_t threads, Column* cents) const;
  BlockRate rater() const;

  const compiler::NativeCompiler compiler_ = compiler::NativeCompiler::create().value();
  std::vector<uint8_t> codes_;  // of a workload by model
  std::vector<std::vector<uint32_t>> quantities_;
  const testing::LoweredCard card_;
  const compiler::ColumnFunction function_;
  Column cents_;
};

/// A whole file; ends the program where it cannot be read.
std::string read_text(const std::string& path);

}  // namespace toll::peers
