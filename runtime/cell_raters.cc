#include "runtime/cell_raters.h"

#include <functional>
#include <utility>
#include <vector>

#include "compiler/sample_usage.h"
#include "compiler/usage_vector.h"

namespace toll::runtime {
namespace {

using compiler::CellChange;
using compiler::CellRater;
using compiler::CellUsage;

constexpr int kPeriodDays = 31;

/// Of texts that are asked for; beyond that all are made again.
constexpr size_t kCardsMax = 256;

/// Compares two raters of a program, usage after usage.
class Comparison {
 public:
  Comparison(const compiler::RatingProgram& program, const CellRater& native)
      : program_(program),
        native_(native),
        interpreter_(program),
        before_(program.charges.size()) {}

  /// The cells of a usage, each from what was drawn for its charge before, or from nothing.
  bool agrees_on(const compiler::RateInput& input) {
    for (uint32_t charge = 0; charge < program_.charges.size(); ++charge)
      for (uint32_t entry = 0; native_.covers(charge) && entry < input.charges[charge].count;
           ++entry)
        if (!agrees_on(charge, entry, input)) return false;
    return true;
  }

  int cells() const { return cells_; }

 private:
  bool agrees_on(uint32_t charge, uint32_t entry, const compiler::RateInput& input) {
    const compiler::ChargeUsage& usage = input.charges[charge];
    const compiler::Charge& lowered = program_.charges[charge];
    const Int128* const first = usage.quantities + size_t{entry} * lowered.parts;
    std::vector<Int128> after(first, first + lowered.parts);
    if (lowered.to_date)
      after.push_back(
          usage.quantities[size_t{usage.count} * lowered.parts + lowered.tier_meters.size()]);
    Drawn& drawn = before_[charge];
    const bool has_line = lowered.cell_strides.empty() || cells_ % 4 != 0;
    if (has_line && (drawn.quantities.empty() || drawn.scale != usage.scale))
      drawn = {std::vector<Int128>(after.size(), 0), usage.scale};
    if (has_line && lowered.to_date) drawn.quantities.back() = after.back();
    const CellUsage cell{.before = has_line ? drawn.quantities.data() : nullptr,
                         .after = after.data(),
                         .cell = usage.cells[entry],
                         .scale = usage.scale,
                         .covered_days = cells_ % kPeriodDays + 1,
                         .period_days = kPeriodDays,
                         .final = cells_ / kPeriodDays % 2};
    ++cells_;
    const CellChange made = native_(charge, cell), expected = interpreter_(charge, cell);
    drawn = {std::move(after), usage.scale};
    return made.fault == expected.fault &&
           (made.fault != compiler::FaultKind::None || made == expected);
  }

  struct Drawn {
    std::vector<Int128> quantities;
    uint32_t scale = 0;
  };

  const compiler::RatingProgram& program_;
  const CellRater& native_;
  const CellRater interpreter_;
  std::vector<Drawn> before_;  // by charge
  int cells_ = 0;
};

bool covers_any(const compiler::RatingProgram& program) {
  for (uint32_t charge = 0; charge < program.charges.size(); ++charge)
    if (compiler::rates_cells_alone(program, charge)) return true;
  return false;
}

}  // namespace

Result<CellRater> compile_verified_cells(const compiler::NativeCompiler& compiler,
                                         const dsl::RateCard& card,
                                         const compiler::RatingProgram& program, int cells) {
  auto code = compiler.compile_cells(program, compiler::Optimise::Yes);
  if (!code) return std::unexpected(std::move(code.error()));
  CellRater native(program, *std::move(code));
  compiler::UsageSampler sampler(card, std::hash<std::string>{}(card.hash));
  compiler::UsageVector usage(card, program);
  Comparison comparison(program, native);
  // A usage may be too large for the card, or of none of its cells.
  for (int draws = 0; draws < cells && comparison.cells() < cells; ++draws) {
    usage.clear();
    for (const compiler::UsageSampler::Draw& draw : sampler.draw())
      usage.add(draw.meter, draw.values, draw.quantity);
    const compiler::RateInput* const input = usage.bind();
    if (input && !comparison.agrees_on(*input))
      return std::unexpected(Error{
          "native code for single cells and the interpreter differ: please report this card"});
  }
  return native;
}

CellRaters::CellRaters(const compiler::NativeCompiler& compiler, Failed failed)
    : compiler_(compiler), failed_(std::move(failed)) {}

std::shared_ptr<const CellRater> CellRaters::of(const Revision& revision) {
  const compiler::RatingProgram& program = revision.program();
  const dsl::RateCard& card = revision.card();
  const Offer offer(card.name, card.hash, card.offer);
  std::shared_ptr<const CellRater> rater;
  {
    const std::lock_guard lock(mutex_);
    if (const auto made = made_.find(offer); made != made_.end()) return made->second;
    if (made_.size() >= kCardsMax) made_.clear();
    rater = made_[offer] = std::make_shared<const CellRater>(program);
  }
  if (!covers_any(program)) return rater;
  auto native = compile_verified_cells(compiler_, card, program, kCellsOfCard);
  if (!native) {
    if (failed_) failed_(revision, native.error().message);
    return rater;
  }
  rater = std::make_shared<const CellRater>(*std::move(native));
  const std::lock_guard lock(mutex_);
  return made_[offer] = rater;
}

}  // namespace toll::runtime
