#include "compiler/guarantee.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/money.h"
#include "base/rounding.h"
#include "compiler/guarantee/walk.h"
#include "compiler/price_points.h"

namespace toll::compiler {
namespace {

using Kind = dsl::syntax::Guarantee::Kind;

/// A guarantee that does not hold: the bills that show it, and words for them.
struct Finding {
  std::string code, message, label, help;
  std::vector<Bill> bills;
};

std::string money(const dsl::RateCard& card, Int128 minor) {
  return fmt::format("{} {}", format_minor_grouped(minor, card.currency), card.currency.name());
}

/// Rounded to the minor unit.
std::string money(const dsl::RateCard& card, const Ratio& minor) {
  return money(card, div_round(minor.numerator(), minor.denominator(), RoundingMode::HalfUp));
}

std::optional<Finding> drop(const std::vector<Bill>& bills) {
  for (size_t i = 1; i < bills.size(); ++i)
    if (bills[i].total < bills[i - 1].total)
      return Finding{
          "E601",
          "guarantee fails: the bill drops when usage grows",
          "false",
          "use `tiers graduated`, or say how large a drop may be: `guarantee no cliff above …`",
          {bills[i - 1], bills[i]}};
  return std::nullopt;
}

Int128 absolute(Int128 amount) { return amount < 0 ? -amount : amount; }

bool one_apart(const Bill& a, const Bill& b) {
  return checked_add(a.quantity, Decimal{1, 0}) == b.quantity;
}

/// What the bill jumps by from `bills[i]` to one unit more, over the slope on either side; none
/// where the walk has no bills one unit apart to tell.
std::optional<Int128> jump_after(const std::vector<Bill>& bills, size_t i) {
  if (i + 2 >= bills.size() || !one_apart(bills[i], bills[i + 1]) ||
      !one_apart(bills[i + 1], bills[i + 2]))
    return std::nullopt;
  const auto step = [&](size_t at) { return bills[at + 1].total - bills[at].total; };
  const Int128 over_slope_above = step(i) - step(i + 1);
  if (bills[i].quantity.mantissa == 0) return over_slope_above;
  if (i == 0 || !one_apart(bills[i - 1], bills[i])) return std::nullopt;
  const Int128 over_slope_below = step(i) - step(i - 1);
  return absolute(over_slope_above) < absolute(over_slope_below) ? over_slope_above
                                                                 : over_slope_below;
}

/// The bills that differ by the jump: one more unit may cost something itself, and then the bill
/// just above says it.
std::vector<Bill> around(const std::vector<Bill>& bills, const Bill& below, const Bill& above,
                         Int128 jump) {
  if (above.total - below.total == jump) return {below, above};
  const auto next = std::ranges::find_if(bills, [&](const Bill& bill) {
    return bill.just_above && bill.quantity > below.quantity && bill.quantity < above.quantity;
  });
  const bool found = next != bills.end() && next->total - below.total == jump;
  return {below, found ? *next : above};
}

/// Found at whole units; `all` are those and the bills just above them.
std::optional<Finding> cliff(const dsl::RateCard& card, const std::vector<Bill>& bills,
                             const std::vector<Bill>& all, int64_t most) {
  for (size_t i = 0; i < bills.size(); ++i) {
    const std::optional<Int128> jump = jump_after(bills, i);
    if (!jump || absolute(*jump) <= most) continue;
    std::vector<Bill> shown = around(all, bills[i], bills[i + 1], *jump);
    const Int128 difference = shown[1].total - shown[0].total;
    return Finding{"E604",
                   fmt::format("guarantee fails: the bill {} by {} {}{}",
                               *jump < 0 ? "drops" : "jumps", money(card, absolute(*jump)),
                               shown[1].just_above ? "as the next unit begins" : "at one more unit",
                               difference == *jump ? "" : ", beside what the unit costs"),
                   fmt::format("more than {}", money(card, most)),
                   "write a larger amount after `above`, or spread the jump over more tiers",
                   std::move(shown)};
  }
  return std::nullopt;
}

std::optional<Finding> above(const dsl::RateCard& card, const std::vector<Bill>& bills,
                             int64_t most) {
  for (const Bill& bill : bills)
    if (bill.total > most)
      return Finding{"E605",
                     fmt::format("guarantee fails: the bill can exceed {}", money(card, most)),
                     "false",
                     "bound every meter that can raise the bill (`while METER up to …`), or add "
                     "`bill maximum`",
                     {bill}};
  return std::nullopt;
}

std::optional<Finding> below(const dsl::RateCard& card, const std::vector<Bill>& bills,
                             int64_t least) {
  for (const Bill& bill : bills)
    if (bill.total < least)
      return Finding{"E606",
                     fmt::format("guarantee fails: the bill can be below {}", money(card, least)),
                     "false",
                     "add a fee or `bill minimum` of that amount",
                     {bill}};
  return std::nullopt;
}

std::optional<Ratio> unit_price(const Bill& bill) {
  const std::optional<Ratio> quantity = Ratio::of(bill.quantity);
  if (!bill.meter_amount || !quantity || quantity->is_zero()) return std::nullopt;
  return checked_div(*bill.meter_amount, *quantity);
}

/// Bills whose unit price does not fit 128 bits, and the one of quantity 0, are passed over.
std::optional<Finding> dearer_unit(const std::vector<Bill>& bills) {
  std::optional<Ratio> least;
  const Bill* before = nullptr;
  for (const Bill& bill : bills) {
    const std::optional<Ratio> price = unit_price(bill);
    if (!price) continue;
    if (least && *price > *least)
      return Finding{
          "E607",
          "guarantee fails: a unit becomes dearer when usage grows",
          "false",
          "let the prices of the tiers fall; a meter that begins with a free part cannot keep "
          "this, so name the others: `guarantee unit price never increases for METER`",
          {*before, bill}};
    least = price;
    before = &bill;
  }
  return std::nullopt;
}

std::optional<Finding> dearer(const dsl::Guarantee& guarantee, const std::vector<Bill>& bills) {
  for (const Bill& bill : bills)
    if (bill.total > bill.total_there)
      return Finding{"E603",
                     fmt::format("guarantee fails: this card can be dearer than `{}` of {}",
                                 guarantee.than, to_string(*guarantee.than_from)),
                     "false",
                     "lower what makes the difference, or say for which usage it holds: `while "
                     "METER up to …`",
                     {bill}};
  return std::nullopt;
}

/// What is left of the amount after the cost, in per cent of it: "26.29 %".
std::string margin_text(const Ratio& amount, const Ratio& cost) {
  const auto left = checked_sub(amount, cost);
  const auto part = left && !amount.is_zero() ? checked_div(*left, amount) : std::nullopt;
  const auto hundredths = part ? checked_mul(*part, Ratio(10'000)) : part;
  if (!hundredths) return "nothing";
  const Int128 rounded =
      div_round(hundredths->numerator(), hundredths->denominator(), RoundingMode::Down);
  return Decimal{rounded, 2}.to_string() + " %";
}

/// Bills whose cost does not fit 128 bits are passed over; one that costs nothing holds.
std::optional<Finding> thin(const dsl::Guarantee& guarantee, const std::vector<Bill>& bills) {
  for (const Bill& bill : bills) {
    if (!bill.exact_total || !bill.cost || bill.cost->is_zero()) continue;
    const auto rest = checked_sub(Ratio(1), *guarantee.fraction);
    const auto most = rest ? checked_mul(*bill.exact_total, *rest) : rest;
    if (!most || *bill.cost <= *most) continue;
    return Finding{
        "E602",
        bill.exact_total->is_zero()
            ? std::string("guarantee fails: usage that costs something is billed nothing")
            : fmt::format("guarantee fails: the margin falls to {}",
                          margin_text(*bill.exact_total, *bill.cost)),
        "false",
        "raise the price, let the bill fall less, or say for which usage it holds: "
        "`while METER up to …`",
        {bill}};
  }
  return std::nullopt;
}

std::optional<Finding> judge(const dsl::RateCard& card, const dsl::Guarantee& guarantee,
                             const std::vector<Bill>& bills) {
  switch (guarantee.kind) {
    case Kind::NeverDecreases:
      return drop(bills);
    case Kind::NoCliff:
      break;  // judged by cliff()
    case Kind::AtMost:
      return above(card, bills, *guarantee.amount_minor);
    case Kind::AtLeast:
      return below(card, bills, *guarantee.amount_minor);
    case Kind::UnitPriceNeverIncreases:
      return dearer_unit(bills);
    case Kind::NeverDearer:
      return dearer(guarantee, bills);
    case Kind::Margin:
      return thin(guarantee, bills);
  }
  return std::nullopt;
}

/// Which periods a bill is of, where they differ.
std::string period_text(const dsl::RateCard& card, const Walker& walker,
                        const WalkedPeriod& period) {
  std::string text;
  if (walker.has_terms() && period.terms == kOnce)
    text = "\nin the first period of a subscription";
  else if (walker.has_terms() && period.terms == 0)
    text = fmt::format("\nin a {} in which no term of a fee begins", to_string(card.period));
  else if (walker.has_terms())
    text = fmt::format("\nin a {} in which a term of a {} begins", to_string(card.period),
                       to_string(static_cast<PeriodUnit>(period.terms - 1)));
  if (period.late) text += "\nin the last period of what commitments and longer allowances are for";
  return text;
}

/// "tokens large, input" and a bill a line.
std::string counterexample(const dsl::RateCard& card, const Axis& axis, bool others_in_use,
                           const std::string& period, const Finding& finding) {
  const std::vector<Bill>& bills = finding.bills;
  const dsl::Meter& meter = card.meters[axis.meter];
  std::string head = meter.name;
  for (size_t i = 0; i < axis.values.size(); ++i)
    head += fmt::format("{} {}", i ? "," : "",
                        card.dimensions[meter.dimensions[i]].values[axis.values[i]]);
  const bool two_cards = finding.code == "E603", costs = finding.code == "E602";
  std::string text = fmt::format("{:<30} {:>22}", head, two_cards ? "this card" : "bill");
  if (two_cards) text += fmt::format(" {:>22}", "the other one");
  if (costs) text += fmt::format(" {:>22}", "cost");
  for (const Bill& bill : bills) {
    text += fmt::format("\n{:<30} {:>22}", group_thousands(bill.quantity.normalized().to_string()),
                        money(card, bill.total));
    if (two_cards) text += fmt::format(" {:>22}", money(card, bill.total_there));
    if (costs) text += fmt::format(" {:>22}", money(card, *bill.cost));
  }
  if (others_in_use) text += "\nwith the other meters at their highest price point";
  return text + period;
}

/// The row whose bound, or the allowance whose end, lies at or just before the first bill.
std::optional<dsl::SourceLine> cause(const dsl::RateCard& card, const Axis& axis,
                                     const Bill& bill) {
  std::optional<dsl::SourceLine> line;
  for (const PricePoint& point : price_points(card, axis.meter))
    if (point.line && point.quantity <= bill.quantity) line = point.line;
  return line;
}

dsl::Diagnostic diagnostic_of(const dsl::RateCard& card, const dsl::Guarantee& guarantee,
                              const Finding& finding, const Axis& axis, bool others_in_use,
                              const std::string& period) {
  dsl::Diagnostic result =
      dsl::diagnostic(finding.code, finding.message, guarantee.source.place, finding.label);
  if (finding.bills.size() > 1)
    if (const auto line = cause(card, axis, finding.bills.front()))
      result.related.push_back({line->place, "here"});
  result.notes.push_back(
      {"counterexample", counterexample(card, axis, others_in_use, period, finding)});
  result.notes.push_back({"help", finding.help});
  return result;
}

/// Judged at whole units where those show it: they read better than 1,000.000000000000000001.
std::optional<Finding> find(const dsl::RateCard& card, const dsl::Guarantee& guarantee,
                            const std::vector<Bill>& bills) {
  std::vector<Bill> whole = bills;
  std::erase_if(whole, &Bill::just_above);
  if (guarantee.kind == Kind::NoCliff) return cliff(card, whole, bills, *guarantee.amount_minor);
  const std::optional<Finding> finding = judge(card, guarantee, whole);
  return finding ? finding : judge(card, guarantee, bills);
}

/// The smallest usage that is dearer here, instead of the first price point above it.
void narrow(Finding& finding, const std::vector<Bill>& bills, const Axis& axis, bool others_in_use,
            Walker& walker) {
  Bill& dearer = finding.bills.front();
  const Bill* cheaper = nullptr;
  for (const Bill& bill : bills)
    if (bill.quantity < dearer.quantity) cheaper = &bill;
  if (!cheaper) return;
  dearer = walker.first_between(*cheaper, dearer, axis, others_in_use,
                                [](const Bill& bill) { return bill.total > bill.total_there; });
}

/// Looks for a walk that breaks the guarantee, and puts the first one into the verdict.
void refute(const dsl::RateCard& card, const dsl::Guarantee& guarantee, Walker& walker,
            GuaranteeVerdict& verdict) {
  for (const WalkedPeriod& period : walker.periods()) {
    walker.set_period(period);
    for (const Axis& axis : walker.axes()) {
      for (const bool others_in_use : {false, true}) {
        const std::vector<Bill> bills = walker.walk(axis, others_in_use);
        std::optional<Finding> finding = find(card, guarantee, bills);
        if (!finding) continue;
        if (guarantee.kind == Kind::NeverDearer)
          narrow(*finding, bills, axis, others_in_use, walker);
        verdict.refutation = diagnostic_of(card, guarantee, *finding, axis, others_in_use,
                                           period_text(card, walker, period));
        // No usage document of one period says these.
        if (period.late || walker.has_terms()) return;
        for (const Bill& bill : finding->bills)
          verdict.counterexample.push_back(walker.usage_of(axis, others_in_use, bill.quantity));
        return;
      }
    }
  }
}

GuaranteeVerdict test(const dsl::RateCard& card, uint32_t index, Walker walker) {
  GuaranteeVerdict verdict;
  verdict.guarantee = index;
  refute(card, card.guarantees[index], walker, verdict);
  verdict.usages = walker.usages();
  verdict.left_out = walker.left_out();
  verdict.sampled = walker.sampled();
  verdict.up_to = walker.ranges();
  return verdict;
}

}  // namespace

std::vector<GuaranteeVerdict> test_guarantees(const dsl::RateCard& card,
                                              const RatingProgram& program) {
  std::vector<GuaranteeVerdict> verdicts;
  for (uint32_t i = 0; i < card.guarantees.size(); ++i)
    if (card.guarantees[i].kind != Kind::NeverDearer)
      verdicts.push_back(test(card, i, Walker(card, program, card.guarantees[i])));
  return verdicts;
}

GuaranteeVerdict test_never_dearer(const dsl::RateCard& card, const RatingProgram& program,
                                   uint32_t guarantee, const dsl::RateCard& other,
                                   const RatingProgram& other_program) {
  OtherCard compared(other, other_program, card);
  return test(card, guarantee, Walker(card, program, card.guarantees[guarantee], &compared));
}

}  // namespace toll::compiler
