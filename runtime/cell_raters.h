// Native code for single cells, of the cards whose events' costs somebody asks for. It is made when
// the first one asks, and not with the card: most cards are never asked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

#include "base/result.h"
#include "compiler/cell_change.h"
#include "compiler/native.h"
#include "runtime/revision.h"

namespace toll::runtime {

/// Cells that native code and interpreter are compared on before it rates.
inline constexpr int kCellsOfCard = 10'000;

/// Native code for the cells of a card, compared with the interpreter on random usages of them.
Result<compiler::CellRater> compile_verified_cells(const compiler::NativeCompiler& compiler,
                                                   const dsl::RateCard& card,
                                                   const compiler::RatingProgram& program,
                                                   int cells);

/// Thread rule: any thread.
class CellRaters {
 public:
  /// `failed` is told why a card has no native code, once for each; any thread, may be empty.
  /// REQUIRES: `compiler` outlives this.
  using Failed = std::function<void(const Revision& revision, std::string_view why)>;
  explicit CellRaters(const compiler::NativeCompiler& compiler, Failed failed = {});
  CellRaters(const CellRaters&) = delete;

  /// Whoever asks first for a card waits until its code is made; others have the interpreter
  /// meanwhile, which gives the same. Where no code can be made the interpreter stays.
  std::shared_ptr<const compiler::CellRater> of(const Revision& revision);

 private:
  using Offer = std::tuple<std::string, std::string, uint32_t>;  // card, hash, offer

  const compiler::NativeCompiler& compiler_;
  const Failed failed_;
  std::mutex mutex_;
  std::map<Offer, std::shared_ptr<const compiler::CellRater>> made_;
};

}  // namespace toll::runtime
