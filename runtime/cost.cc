#include "runtime/cost.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "compiler/cell_change.h"
#include "runtime/quoting/amounts.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/bound.h"
#include "runtime/usage_cuts.h"

namespace toll::runtime {
namespace {

using compiler::CellChange;
using compiler::ChargeUsage;
using compiler::FaultKind;

using StepKind = compiler::QuantityStep::Kind;

bool has(const compiler::Charge& charge, StepKind kind) {
  return std::ranges::any_of(charge.quantity_steps,
                             [&](const auto& step) { return step.kind == kind; });
}

/// Why no line of the charge can be rated by itself; empty where one can.
std::string_view why_not_alone(const compiler::RatingProgram& program, uint32_t index) {
  const compiler::Charge& charge = program.charges[index];
  if (charge.in_credits)
    return "it is priced in credits, and what pays for them is known for the "
           "period as a whole";
  if (compiler::rates_cells_alone(program, index)) return {};
  if (!charge.share_of.empty()) return "it is a share of other lines";
  if (has(charge, StepKind::SubtractShare)) return "its allowance is a share of another line";
  if (has(charge, StepKind::SubtractShared)) return "its rows share an allowance";
  if (charge.tier_by != dsl::TierBy::Own) return "its tier is chosen by what else is used";
  if (charge.grain != dsl::Grain::Cell) return "it prices items or days one by one";
  return "the bill is rounded as a whole, and its lines by what that leaves";
}

std::string_view reason_of(FaultKind fault) {
  return fault == FaultKind::AboveLastTier ? "a limit of the card closes its tiers below that"
                                           : "its amount does not fit";
}

/// Quantities of one entry at the scale of two usages.
std::vector<Int128> at_scale(const compiler::Charge& charge, const ChargeUsage& usage,
                             uint32_t entry, uint32_t scale) {
  const Int128* const first = usage.quantities + size_t{entry} * charge.parts;
  std::vector<Int128> quantities(first, first + charge.parts);
  if (charge.to_date)
    quantities.push_back(
        usage.quantities[size_t{usage.count} * charge.parts + charge.tier_meters.size()]);
  const Int128 factor = power_of_ten(static_cast<int>(scale - usage.scale));
  for (Int128& quantity : quantities) quantity *= factor;
  return quantities;
}

std::optional<uint32_t> entry_of(const ChargeUsage& usage, uint32_t cell) {
  const std::span<const uint32_t> cells(usage.cells, usage.count);
  const auto found = std::ranges::find(cells, cell);
  if (found == cells.end()) return std::nullopt;
  return static_cast<uint32_t>(found - cells.begin());
}

Refusal cut_inside() {
  return {
      Refusal::Kind::Unfit,
      {{"/period",
        "a version, a plan or a grant of credits begins inside the period, and what was used on "
        "each side is priced together"}}};
}

}  // namespace

struct RunningCost::Impl {
  Impl(std::unique_ptr<std::optional<BoundUsage>> bound, CellRaters* raters)
      : now(std::move(bound)),
        rater(raters ? raters->of(*(*now)->revision)
                     : std::make_shared<const compiler::CellRater>((*now)->revision->program())) {}

  UsageCost change(const BoundUsage& before, const BoundUsage& after) const {
    UsageCost cost;
    cost.currency = after.revision->card().currency.name();
    std::set<uint32_t> changed;
    const auto& charges = after.revision->program().charges;
    for (uint32_t charge = 0; charge < charges.size(); ++charge) {
      const bool shares = depends_on(charges[charge], changed);
      if (shares)
        add_unknown(charge, after, why_not_alone(after.revision->program(), charge), cost);
      if (shares || add_lines(charge, before, after, cost)) changed.insert(charge);
    }
    return cost;
  }

  /// Whether a charge follows the amounts of others above it.
  static bool depends_on(const compiler::Charge& charge, const std::set<uint32_t>& changed) {
    const bool of_share = std::ranges::any_of(charge.share_of, [&](const auto& item) {
      return item.kind == dsl::ItemRef::Kind::Charge && changed.contains(item.index);
    });
    return of_share || (!changed.empty() && has(charge, StepKind::SubtractShare));
  }

  /// Whether a line of the charge is another.
  bool add_lines(uint32_t charge, const BoundUsage& before, const BoundUsage& after,
                 UsageCost& cost) const {
    const compiler::RatingProgram& program = after.revision->program();
    const compiler::Charge& lowered = program.charges[charge];
    if (!lowered.share_of.empty() || lowered.grain != dsl::Grain::Cell) return false;
    const ChargeUsage &old = before.input->charges[charge], &next = after.input->charges[charge];
    const uint32_t scale = std::max(old.scale, next.scale);
    const std::string_view reason = why_not_alone(program, charge);
    bool changed = false;
    for (uint32_t entry = 0; entry < next.count; ++entry) {
      const auto was = entry_of(old, next.cells[entry]);
      const auto quantities = at_scale(lowered, next, entry, scale);
      const auto earlier = was ? at_scale(lowered, old, *was, scale) : std::vector<Int128>();
      if (was && earlier == quantities) continue;
      changed = true;
      if (!reason.empty()) break;
      const CellChange change = (*rater)(charge, {.before = was ? earlier.data() : nullptr,
                                                  .after = quantities.data(),
                                                  .cell = next.cells[entry],
                                                  .scale = scale,
                                                  .covered_days = after.input->covered_days,
                                                  .period_days = after.input->period_days,
                                                  .final = after.input->final});
      add_line(charge, entry, change, after, cost);
    }
    if (changed && !reason.empty()) add_unknown(charge, after, reason, cost);
    return changed;
  }

  static void add_line(uint32_t charge, uint32_t entry, const CellChange& change,
                       const BoundUsage& after, UsageCost& cost) {
    if (change.fault != FaultKind::None)
      return add_unknown(charge, after, reason_of(change.fault), cost);
    const Currency currency = after.revision->card().currency;
    cost.lines.push_back(
        {path_of(*after.revision, {.kind = compiler::LineOrigin::Kind::Cell,
                                   .item = charge,
                                   .cell = after.input->charges[charge].cells[entry],
                                   .entry = entry}),
         format_minor(change.amount, currency),
         exact_major(change.numerator, change.denominator, currency)});
  }

  static void add_unknown(uint32_t charge, const BoundUsage& after, std::string_view reason,
                          UsageCost& cost) {
    cost.unknown.push_back({after.revision->card().charges[charge].name, std::string(reason)});
  }

  std::unique_ptr<std::optional<BoundUsage>> now;
  std::shared_ptr<const compiler::CellRater> rater;
};

RunningCost::RunningCost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunningCost::RunningCost(RunningCost&&) noexcept = default;
RunningCost& RunningCost::operator=(RunningCost&&) noexcept = default;
RunningCost::~RunningCost() = default;

std::expected<RunningCost, Refusal> RunningCost::begin(const CardSet& cards,
                                                       const UsageDocument& document,
                                                       CellRaters* raters) {
  const auto stretches = usage_stretches(cards, document);
  if (!stretches) return std::unexpected(stretches.error());
  if (stretches->size() > 1) return std::unexpected(cut_inside());
  auto bound = std::make_unique<std::optional<BoundUsage>>();
  if (auto fits = bind_document(cards, document, *bound); !fits)
    return std::unexpected(std::move(fits.error()));
  return RunningCost(std::make_unique<Impl>(std::move(bound), raters));
}

std::expected<UsageCost, Refusal> RunningCost::advance(const CardSet& cards,
                                                       const UsageDocument& document) {
  auto bound = std::make_unique<std::optional<BoundUsage>>();
  if (auto fits = bind_document(cards, document, *bound); !fits)
    return std::unexpected(std::move(fits.error()));
  UsageCost cost = impl_->change(**impl_->now, **bound);
  impl_->now = std::move(bound);
  return cost;
}

}  // namespace toll::runtime
