#include "runtime/quoting/cut_charges.h"

#include <algorithm>
#include <optional>

#include "runtime/quoting/carried_state.h"
#include "runtime/quoting/cut_bill.h"
#include "runtime/quoting/cut_bounds.h"

namespace toll::runtime {
namespace {

using compiler::LineOrigin;

/// Of the lines of charges that `takes` asks for; without `program` by that of the revision.
template <typename Takes>
std::expected<std::map<std::string, Ratio>, Refusal> exact_lines(
    const Revision& revision, const compiler::RatingProgram* program,
    const compiler::RateInput& input, Takes&& takes) {
  const auto amounts = program ? rated_without_bounds(revision, *program, input)
                               : rated_without_bounds(revision, input);
  if (!amounts) return std::unexpected(amounts.error());
  const std::vector<std::string> keys = keys_of(revision, input);
  std::map<std::string, Ratio> lines;
  compiler::for_each_line(revision.program(), input, [&](uint32_t at, const LineOrigin& origin) {
    const compiler::LineAmount& line = (*amounts)[at];
    if (is_of_charge(origin) && takes(origin.item))
      lines[keys[at]] = Ratio::of(line.numerator, line.denominator);
  });
  return lines;
}

/// The lines stay as they are, so that origins are those of the whole program.
void make_free(compiler::Charge& charge) {
  for (compiler::Table& table : charge.tables) {
    table.at_zero = 0;
    for (compiler::Piece& piece : table.pieces) {
      piece.below = piece.start = piece.price = 0;
      piece.blocks.clear();
    }
  }
  for (compiler::MoneyStep& step : charge.money_steps) {
    step.kind = compiler::MoneyStep::Kind::Scale;  // of 0
    step.prorated.reset();
  }
  for (compiler::SharedStep& step : charge.shared_steps) {
    step.kind = dsl::syntax::MoneyLine::Kind::Discount;
    step.amount = 0;
  }
}

/// Whether what is used on the days of a part counts toward the allowance that a card has of a
/// meter.
bool counts_toward_allowance(const CutPart& part, const dsl::RateCard& card, uint32_t meter) {
  const uint32_t there = part.revision->meter(card.meters[meter].name);
  if (there == Revision::kNone) return false;
  return has_longer_allowance(part.revision->card(), there) ||
         std::ranges::any_of(card.charges, [&](const dsl::Charge& charge) {
           return has_longer_allowance(charge, meter) && has_charge(part, charge.name);
         });
}

}  // namespace

bool has_charge(const CutPart& part, const std::string& name) {
  const std::vector<dsl::Charge>& charges = part.revision->card().charges;
  return std::ranges::find(charges, name, &dsl::Charge::name) != charges.end();
}

bool is_new(const std::vector<CutPart>& parts, size_t part, uint32_t charge) {
  const std::string& name = parts[part].revision->card().charges[charge].name;
  return std::none_of(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(part),
                      [&](const CutPart& each) { return has_charge(each, name); });
}

bool takes_nothing_off(const std::vector<CutPart>& parts, size_t part, uint32_t charge) {
  return is_new(parts, part, charge) && !parts[part].revision->card().charges[charge].is_share();
}

std::vector<ChargesOfDays> charges_with_gaps(const std::vector<CutPart>& parts, size_t part) {
  std::vector<ChargesOfDays> gaps;
  const std::vector<dsl::Charge>& charges = parts[part].revision->card().charges;
  for (uint32_t charge = 0; charge < charges.size(); ++charge) {
    std::vector<Period> days;
    for (size_t i = 0; i <= part; ++i)
      if (has_charge(parts[i], charges[charge].name)) days.push_back(parts[i].days);
    if (days.size() > part || charges[charge].is_share()) continue;
    const auto same = std::ranges::find(gaps, days, &ChargesOfDays::days);
    if (same == gaps.end())
      gaps.push_back({.days = std::move(days), .charges = {charge}});
    else
      same->charges.push_back(charge);
  }
  return gaps;
}

std::vector<AllowancesOfDays> allowances_with_gaps(const std::vector<CutPart>& parts, size_t part) {
  std::vector<AllowancesOfDays> gaps;
  const dsl::RateCard& card = parts[part].revision->card();
  for (uint32_t meter = 0; meter < card.meters.size(); ++meter) {
    if (!has_longer_allowance(card, meter)) continue;
    std::vector<Period> days;
    for (size_t i = 0; i <= part; ++i)
      if (counts_toward_allowance(parts[i], card, meter)) days.push_back(parts[i].days);
    if (days.size() <= part) gaps.push_back({.days = std::move(days), .meters = {meter}});
  }
  return gaps;
}

compiler::RatingProgram program_of_before(const std::vector<CutPart>& parts, size_t part) {
  compiler::RatingProgram program = parts[part].revision->program();
  for (uint32_t charge = 0; charge < program.charges.size(); ++charge)
    if (takes_nothing_off(parts, part, charge)) make_free(program.charges[charge]);
  return program;
}

std::expected<std::map<std::string, Ratio>, Refusal> taken_off(const std::vector<CutPart>& parts,
                                                               size_t part, bool final) {
  const CutPart& cut = parts[part];
  if (!cut.before) return {};
  const Revision& revision = *cut.revision;
  compiler::RateInput input = *cut.before->input;
  input.final = final;
  const auto takes_off = [&](uint32_t charge) { return !takes_nothing_off(parts, part, charge); };
  std::optional<compiler::RatingProgram> free;  // where there are new charges
  for (uint32_t charge = 0; !free && charge < revision.card().charges.size(); ++charge)
    if (!takes_off(charge)) free = program_of_before(parts, part);
  return exact_lines(revision, free ? &*free : nullptr, input, takes_off);
}

}  // namespace toll::runtime
