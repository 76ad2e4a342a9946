#include "tests/differential/engines.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/interpreter.h"

namespace toll::differential {
namespace {

using compiler::LineAmount;
using compiler::LineOrigin;

constexpr LineAmount kNotWritten{.numerator = -77, .denominator = -77, .amount = -77};

Fault to_fault(compiler::FaultKind kind) {
  switch (kind) {
    case compiler::FaultKind::None:
      return Fault::None;
    case compiler::FaultKind::TooLarge:
      return Fault::TooLarge;
    case compiler::FaultKind::AboveLastTier:
      return Fault::AboveLastTier;
    case compiler::FaultKind::PoolIsEmpty:
      return Fault::PoolIsEmpty;
  }
  return Fault::TooMuchUsage;  // no engine answers this, so it never agrees
}

std::string_view name_of(Fault fault) {
  constexpr std::string_view kNames[] = {"none", "too large", "above the last tier",
                                         "pool is empty", "too much usage"};
  return kNames[static_cast<size_t>(fault)];
}

bool agree(const Bill& a, const Bill& b) {
  if (a.fault != b.fault) return false;
  if (a.fault != Fault::None)
    return a.fault_path == b.fault_path && a.lines.size() == b.lines.size();
  return a.total == b.total &&
         std::ranges::equal(a.lines, b.lines, [](const Line& x, const Line& y) {
           return x.path == y.path && x.amount == y.amount && x.exact == y.exact;
         });
}

std::string to_text(const Bill& bill) {
  std::string text;
  for (const auto& line : bill.lines)
    text += fmt::format("  {:<40} {:>24} = {}\n", line.path, line.amount.str(), line.exact.str());
  if (bill.fault == Fault::None) return text + fmt::format("  total {}\n", bill.total.str());
  return text + fmt::format("  fault: {} at line {}, {}\n", name_of(bill.fault), bill.lines.size(),
                            bill.fault_path);
}

}  // namespace

Engines::Engines(const dsl::RateCard& card, const compiler::RatingProgram& program)
    : card_(card), program_(program), usage_(card, program) {}

Result<Engines> Engines::compile(const dsl::RateCard& card, const compiler::RatingProgram& program,
                                 const compiler::NativeCompiler& native) {
  Engines engines(card, program);
  for (const auto& [name, optimise] :
       {std::pair{"native O0", compiler::Optimise::No}, {"native O2", compiler::Optimise::Yes}}) {
    auto function = native.compile(program, optimise);
    if (!function) return std::unexpected(function.error());
    engines.native_functions_.push_back({name, *std::move(function)});
  }
  return engines;
}

template <typename Rate>
const Engines::Answer& Engines::run(Answer& answer, size_t lines, const Rate& rate) {
  answer.lines.assign(lines, kNotWritten);
  answer.output = {.lines = answer.lines.data(), .total = -77};
  rate(answer.output);
  return answer;
}

std::string Engines::path_of(const LineOrigin& origin) const {
  using MoneyKind = dsl::syntax::MoneyLine::Kind;
  const auto word = [](MoneyKind kind) -> std::string {
    switch (kind) {
      case MoneyKind::Discount:
        return "discount";
      case MoneyKind::Surcharge:
        return "surcharge";
      case MoneyKind::Minimum:
        return "minimum";
      case MoneyKind::Maximum:
        return "maximum";
    }
    return "?";
  };
  if (origin.kind == LineOrigin::Kind::Fee) return card_.fees[origin.item].name;
  if (origin.kind == LineOrigin::Kind::BillStep && card_.bill_steps[origin.item].commitment)
    return card_.bill_steps[origin.item].commitment->name;
  if (origin.kind == LineOrigin::Kind::BillStep)
    return "bill/" + word(program_.bill_steps[origin.item].kind);
  if (origin.kind == LineOrigin::Kind::Pool)
    return card_.pools[origin.item].name + (card_.pools[origin.item].credit ? "/beyond" : "");
  const auto& charge = card_.charges[origin.item];
  if (origin.kind == LineOrigin::Kind::SharedStep)
    return charge.name + "/" + word(program_.charges[origin.item].shared_steps[origin.step].kind);
  std::string path = charge.name;
  uint32_t stride = program_.charges[origin.item].cells, cell = origin.cell;
  for (uint32_t dimension : charge.by) {
    const auto& values = card_.dimensions[dimension].values;
    stride /= values.size();
    path += "/" + values[cell / stride];
    cell %= stride;
  }
  return path;
}

Bill Engines::bill_of(const Answer& answer, const compiler::RateInput& input) const {
  Bill bill;
  bill.fault = to_fault(answer.output.fault);
  const uint32_t end = bill.fault == Fault::None ? ~0u : answer.output.fault_line;
  for_each_line(program_, input, [&](uint32_t line, const LineOrigin& origin) {
    if (line > end) return;
    if (line == end) {
      bill.fault_path = path_of(origin);
      return;
    }
    const LineAmount& amount = answer.lines[line];
    Line exact{.path = path_of(origin), .exact = {}, .amount = Integer(amount.amount)};
    if (amount.denominator <= 0)
      exact.path += " (no denominator)";
    else
      exact.exact = Fraction(Integer(amount.numerator), Integer(amount.denominator));
    bill.lines.push_back(std::move(exact));
  });
  bill.total = Integer(answer.output.total);
  return bill;
}

/// Whether pools paid all, or some was left.
void Engines::note_pools(const Bill& bill) {
  bool any_credits = false;
  for (const Line& line : bill.lines)
    any_credits = any_credits || (line.in_credits && line.exact > 0);
  for (const dsl::Pool& pool : card_.pools) {
    const auto line =
        std::ranges::find(bill.lines, pool.name + (pool.credit ? "/beyond" : ""), &Line::path);
    if (line == bill.lines.end()) continue;
    if (!pool.credit && line->exact < 0) exercised_.add(Construct::PoolPaysBill);
    if (pool.credit && any_credits)
      exercised_.add(line->exact > 0 ? Construct::PoolBillsRest : Construct::PoolPaysAll);
  }
}

void Engines::note_exercised(const compiler::RateInput& input, const Bill& bill) {
  exercised_ = {};
  if (!input.final) exercised_.add(Construct::NotFinal);
  if (input.covered_days != input.period_days) exercised_.add(Construct::PartOfPeriod);
  if (bill.fault == Fault::TooLarge) exercised_.add(Construct::TooLarge);
  if (bill.fault == Fault::AboveLastTier) exercised_.add(Construct::AboveLastTier);
  if (bill.fault == Fault::PoolIsEmpty) exercised_.add(Construct::PoolIsEmpty);
  note_pools(bill);
  for (size_t i = 0; i < program_.charges.size(); ++i) {
    const auto& charge = program_.charges[i];
    const auto& usage = input.charges[i];
    bool narrow = true;
    for (uint32_t entry = 0; entry < usage.count; ++entry) {
      const auto quantities = compiler::quantities_of(charge, usage, entry);
      narrow = narrow && std::ranges::all_of(quantities, [&](Int128 quantity) {
                 return charge.is_narrow(quantity, usage.scale);
               });
      if (charge.grain == dsl::Grain::Cell) continue;
      if (quantities.size() > 10) exercised_.add(Construct::ManyItems);
      if (quantities.empty()) exercised_.add(Construct::NoItems);
    }
    if (usage.count > 0) exercised_.add(narrow ? Construct::In64Bits : Construct::In128Bits);
    if (usage.count > 0 && narrow && usage.scale > 0) exercised_.add(Construct::In64BitsOfCents);
  }
}

std::optional<std::string> Engines::disagreement(const Document& document) {
  const Bill expected = rate_exactly(card_, to_usage(document));
  usage_.clear();
  add_entries(document, usage_);
  compiler::RateInput* input = usage_.bind();
  if (!input || expected.fault == Fault::TooMuchUsage) {
    exercised_ = {};
    if (!input && expected.fault == Fault::TooMuchUsage) return std::nullopt;
    return fmt::format("usage was {}; the oracle says:\n{}", input ? "bound" : "refused",
                       to_text(expected));
  }
  input->covered_days = document.covered_days;
  input->period_days = document.period_days;
  input->final = document.final;
  note_exercised(*input, expected);
  for (size_t i = 0; i < card_.fees.size(); ++i)
    if (card_.fees[i].has_term() && !document.fees_due[i]) exercised_.add(Construct::FeeNotDue);

  const size_t lines = compiler::line_count(program_, *input);
  run(interpreted_, lines, [&](auto& output) { compiler::interpret(program_, *input, output); });
  const Bill interpreted = bill_of(interpreted_, *input);
  if (!agree(expected, interpreted))
    return fmt::format("oracle:\n{}interpreter:\n{}", to_text(expected), to_text(interpreted));

  for (const auto& [name, function] : native_functions_) {
    run(native_, lines, [&](auto& output) { function(*input, output); });
    const bool faulty = interpreted_.output.fault != compiler::FaultKind::None;
    const bool same = native_.output.fault == interpreted_.output.fault &&
                      (faulty ? native_.output.fault_line == interpreted_.output.fault_line
                              : native_.output.total == interpreted_.output.total &&
                                    native_.lines == interpreted_.lines);
    if (!same)
      return fmt::format("interpreter:\n{}{}:\n{}", to_text(interpreted), name,
                         to_text(bill_of(native_, *input)));
  }
  return std::nullopt;
}

}  // namespace toll::differential
