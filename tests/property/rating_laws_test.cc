// Laws of rating: what holds for every card and every usage, whatever the numbers are. Cards and
// usage come from the generators of tests/differential, by seeds that RapidCheck draws and reports.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "compiler/interpreter.h"
#include "compiler/lower.h"
#include "compiler/usage_vector.h"
#include "dsl/check.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/usage_generator.h"

namespace toll::differential {
namespace {

using compiler::FaultKind;
using compiler::LineAmount;
using compiler::LineOrigin;

/// A case takes a third of a millisecond. RC_PARAMS from outside wins, to replay a failure.
class PropertyRuns : public ::testing::Environment {
  void SetUp() override { setenv("RC_PARAMS", "max_success=4000", /*overwrite=*/0); }
};
const auto* const installed = ::testing::AddGlobalTestEnvironment(new PropertyRuns);

struct Answer {
  FaultKind fault = FaultKind::None;
  uint32_t fault_line = 0;
  std::vector<LineAmount> lines;
  std::vector<LineOrigin> origins;
  Int128 total = 0;
};

/// The card of a seed; discards the case where its denominators are refused.
dsl::RateCard card_of(uint64_t seed, const Constructs& without) {
  const GeneratedCard generated = generate_card(seed, without);
  RC_LOG() << generated.text;
  const std::vector<dsl::SourceFile> files = {{"generated.toll", generated.text}};
  dsl::Checked checked = dsl::check(files);
  RC_ASSERT(checked.cards.size() == 1u);
  RC_PRE(compiler::lower(checked.cards.front()).has_value());
  return std::move(checked.cards.front());
}

Document document_of(uint64_t seed, const dsl::RateCard& card) {
  return UsageGenerator(card, *compiler::lower(card), seed).draw();
}

/// Rates with the interpreter; discards the case where the usage itself is too much.
Answer rate(const dsl::RateCard& card, const Document& document) {
  RC_LOG() << to_string(document, card);
  const compiler::RatingProgram program = *compiler::lower(card);
  compiler::UsageVector usage(card, program);
  add_entries(document, usage);
  compiler::RateInput* input = usage.bind();
  const bool is_bound = input != nullptr;
  RC_PRE(is_bound);
  input->covered_days = document.covered_days;
  input->period_days = document.period_days;
  input->final = document.final;
  Answer answer;
  compiler::RateOutput output{.lines = usage.lines().data()};
  compiler::interpret(program, *input, output);
  answer.fault = output.fault;
  answer.fault_line = output.fault_line;
  for_each_line(program, *input,
                [&](uint32_t, const LineOrigin& origin) { answer.origins.push_back(origin); });
  if (output.fault != FaultKind::None) return answer;
  answer.lines.assign(usage.lines().begin(), usage.lines().end());
  answer.total = output.total;
  return answer;
}

Answer rate_without_fault(const dsl::RateCard& card, const Document& document) {
  Answer answer = rate(card, document);
  RC_PRE(answer.fault == FaultKind::None);
  return answer;
}

Fraction exact(const LineAmount& line) {
  return Fraction(Integer(line.numerator), Integer(line.denominator));
}

bool is_in_credits(const dsl::RateCard& card, const LineOrigin& origin) {
  return origin.kind == LineOrigin::Kind::Cell && card.charges[origin.item].credit;
}

/// Volume and stairstep tiers may be cheaper above a bound, a share of one charge may be included
/// in another, and a commitment that counts some lines falls by what a bill discount takes off them
/// again; everything else only goes up with usage.
RC_GTEST_PROP(Rating, NeverFallsWhenUsageRises, (uint64_t card_seed, uint64_t usage_seed)) {
  const auto card = card_of(card_seed, {Construct::Volume, Construct::Stairstep, Construct::Joint,
                                        Construct::ShareInTiers, Construct::IncludedShare,
                                        Construct::CreditShare, Construct::CommitmentCounts});
  Document document = document_of(usage_seed, card);
  const Answer less = rate_without_fault(card, document);
  const Document further = document_of(usage_seed + 1, card);
  document.entries.insert(document.entries.end(), further.entries.begin(), further.entries.end());
  const Answer more = rate_without_fault(card, document);
  RC_ASSERT(less.total <= more.total);
}

RC_GTEST_PROP(Rating, AddsItsLinesUpToTheTotal, (uint64_t card_seed, uint64_t usage_seed)) {
  const auto card = card_of(card_seed, {});
  const Answer answer = rate_without_fault(card, document_of(usage_seed, card));
  const Int128 sum =
      std::accumulate(answer.lines.begin(), answer.lines.end(), Int128{0},
                      [](Int128 before, const LineAmount& line) { return before + line.amount; });
  RC_ASSERT(sum == answer.total);
  RC_ASSERT(answer.total >= 0);
}

RC_GTEST_PROP(Rating, MakesEachLineAWholeNumberOfRoundingSteps,
              (uint64_t card_seed, uint64_t usage_seed)) {
  const auto card = card_of(card_seed, {});
  const Answer answer = rate_without_fault(card, document_of(usage_seed, card));
  for (const auto& line : answer.lines) RC_ASSERT(line.amount % card.rounding_step_minor == 0);
}

/// Two quantities that add up to one, cut at any of 18 decimal places.
std::pair<Decimal, Decimal> cut(const Decimal& whole, Random& random) {
  const Int128 mantissa = *mantissa_at(whole, 18);
  const Int128 any = Int128{random.between(0, INT64_MAX)} << 63 | random.between(0, INT64_MAX);
  const Int128 part = any % (mantissa + 1);
  return {{part, 18}, {mantissa - part, 18}};
}

/// Items are what they are; all other usage may come in any pieces.
RC_GTEST_PROP(Rating, DoesNotDependOnHowUsageIsCutAndOrdered,
              (uint64_t card_seed, uint64_t usage_seed)) {
  const auto card = card_of(card_seed, {Construct::EachItem});
  const Document whole = document_of(usage_seed, card);
  Random random(usage_seed);
  Document parts = whole;
  for (size_t i = 0; i < whole.entries.size(); ++i) {
    Entry rest = whole.entries[i];
    std::tie(parts.entries[i].quantity, rest.quantity) = cut(rest.quantity, random);
    parts.entries.push_back(std::move(rest));
  }
  random.shuffle(parts.entries);
  const Answer one = rate(card, whole), other = rate(card, parts);
  RC_ASSERT(one.fault == other.fault);
  RC_ASSERT(one.fault_line == other.fault_line);
  RC_ASSERT(one.total == other.total);
  RC_ASSERT(one.lines == other.lines);
}

bool is_closed(const dsl::Charge& charge) {
  return std::ranges::any_of(
      charge.tables, [](const dsl::PriceTable& table) { return table.closed_by.has_value(); });
}

/// Ordinary numbers: nothing huge, no long decimals, no conversion that makes either.
const Constructs kExtraordinary = {Construct::HugeNumber, Construct::ManyDecimals,
                                   Construct::UnitConversion};

/// At most a million of everything, in hundredths; of what pools hold whole ones, and no parts of
/// 2^40 that an earlier bill left.
Document ordinary(Document document) {
  for (auto& entry : document.entries)
    entry.quantity = {*mantissa_at(entry.quantity, 18) % 100'000'000, 2};
  for (Ratio& available : document.available)
    available = Ratio(available.numerator() / available.denominator() % 1'000'000);
  return document;
}

RC_GTEST_PROP(Rating, FailsOnlyAboveWhatIsClosedWhereNumbersAreOrdinary,
              (uint64_t card_seed, uint64_t usage_seed)) {
  const auto card = card_of(card_seed, kExtraordinary);
  const Answer answer = rate(card, ordinary(document_of(usage_seed, card)));
  if (answer.fault == FaultKind::None) return;
  const LineOrigin& origin = answer.origins[answer.fault_line];
  if (answer.fault == FaultKind::PoolIsEmpty) {
    RC_ASSERT(origin.kind == LineOrigin::Kind::Pool);
    RC_ASSERT(card.pools[origin.item].beyond == dsl::Pool::Beyond::Blocked);
    return;
  }
  RC_ASSERT(answer.fault == FaultKind::AboveLastTier);
  RC_ASSERT(origin.kind == LineOrigin::Kind::Cell);
  RC_ASSERT(is_closed(card.charges[origin.item]));
}

/// Where more than the line is rounded: what a share is of, a prorated bound, each tier, each item,
/// or the bill instead.
const Constructs kRoundsElsewhere = {Construct::Share,         Construct::ShareInTiers,
                                     Construct::ShareOfShare,  Construct::BoundProrated,
                                     Construct::RoundEachTier, Construct::RoundEachItem,
                                     Construct::RoundEachBill};

RC_GTEST_PROP(Rounding, KeepsEachLineBetweenDownAndUp, (uint64_t card_seed, uint64_t usage_seed)) {
  dsl::RateCard card = card_of(card_seed, kRoundsElsewhere);
  const Document document = document_of(usage_seed, card);
  const auto in_mode = [&](RoundingMode mode) {
    card.rounding = mode;
    return rate_without_fault(card, document);
  };
  const Answer down = in_mode(RoundingMode::Down), up = in_mode(RoundingMode::Up),
               half_up = in_mode(RoundingMode::HalfUp), half_even = in_mode(RoundingMode::HalfEven);
  for (size_t i = 0; i < down.lines.size(); ++i) {
    const auto kind = down.origins[i].kind;
    if (kind != LineOrigin::Kind::Fee && kind != LineOrigin::Kind::Cell) continue;
    if (is_in_credits(card, down.origins[i])) continue;
    const Fraction amount = exact(down.lines[i]);
    const int64_t step = card.rounding_step_minor;
    RC_ASSERT(Fraction(down.lines[i].amount) <= amount);
    RC_ASSERT(amount <= Fraction(up.lines[i].amount));
    RC_ASSERT(up.lines[i].amount - down.lines[i].amount <= step);
    for (const Answer* nearest : {&half_up, &half_even})
      RC_ASSERT(abs(amount - nearest->lines[i].amount) * 2 <= step);
  }
}

/// How far rounding may move an amount that is not negative.
bool is_rounded(const Fraction& exact, const Fraction& amount, int64_t step, RoundingMode mode) {
  switch (mode) {
    case RoundingMode::Down:
      return amount <= exact && exact < amount + step;
    case RoundingMode::Up:
      return amount - step < exact && exact <= amount;
    case RoundingMode::HalfUp:
    case RoundingMode::HalfEven:
      return abs(amount - exact) * 2 <= step;
  }
  return false;
}

RC_GTEST_PROP(Rounding, OfABillMovesTheTotalOnceAndEachLineByLessThanAStep,
              (uint64_t card_seed, uint64_t usage_seed)) {
  const auto card = card_of(card_seed, {});
  if (card.rounding_place != dsl::RoundingPlace::Bill) return;
  const Answer answer = rate_without_fault(card, document_of(usage_seed, card));
  const int64_t step = card.rounding_step_minor;
  Fraction sum = 0;
  for (size_t i = 0; i < answer.lines.size(); ++i) {
    const LineAmount& line = answer.lines[i];
    if (is_in_credits(card, answer.origins[i])) continue;
    sum += exact(line);
    RC_ASSERT(abs(exact(line) - line.amount) < step);
  }
  RC_ASSERT(is_rounded(sum, Fraction(Integer(answer.total)), step, card.rounding));
}

RC_GTEST_PROP(Rounding, MirrorsDiscountsAndSurcharges,
              (uint64_t card_seed, uint64_t usage_seed, uint8_t percent)) {
  // A bill that is rounded as a whole gives what is left over to the lines that lack most; a pool
  // in money comes after the last line of the bill.
  dsl::RateCard card = card_of(card_seed, {Construct::RoundEachBill, Construct::PoolInMoney});
  const Document document = document_of(usage_seed, card);
  using Kind = dsl::syntax::MoneyLine::Kind;
  const auto last_line = [&](Kind kind) {
    dsl::RateCard changed = card;
    changed.bill_steps.push_back({.kind = kind,
                                  .fraction = Ratio::of(percent % 101, 100),
                                  .amount_minor = 0,
                                  .commitment = {},
                                  .label = {},
                                  .source = {}});
    return rate_without_fault(changed, document).lines.back();
  };
  const LineAmount discount = last_line(Kind::Discount), surcharge = last_line(Kind::Surcharge);
  RC_ASSERT(discount.amount == -surcharge.amount);
  RC_ASSERT(exact(discount) == -exact(surcharge));
}

}  // namespace
}  // namespace toll::differential
