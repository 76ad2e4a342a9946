#include "dsl/checker/expected.h"

#include <algorithm>
#include <ranges>
#include <set>

#include <fmt/format.h>

#include "dsl/checker/numbers.h"
#include "dsl/checker/other_plans.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

using MoneyKind = syntax::MoneyLine::Kind;

constexpr MoneyKind kMoneyKinds[] = {MoneyKind::Discount, MoneyKind::Surcharge, MoneyKind::Minimum,
                                     MoneyKind::Maximum};

/// Lines that take money off the bill are negative, and the language has no sign: what an example
/// expects of them is what they take off.
bool takes_off(MoneyKind kind) { return kind == MoneyKind::Discount || kind == MoneyKind::Maximum; }

/// Whether the bill of the card has lines of a path's first name.
bool has_line(const RateCard& card, const syntax::Expect& expect) {
  const std::string& first = expect.path.front().text;
  const auto is_called = [&](const auto& each) { return each.name == first; };
  const auto is_commitment = [&](const BillStep& step) {
    return step.commitment && step.commitment->name == first;
  };
  return first == "total" || (first == "bill" && !card.bill_steps.empty()) ||
         std::ranges::any_of(card.fees, is_called) || std::ranges::any_of(card.pools, is_called) ||
         std::ranges::any_of(card.charges, is_called) ||
         std::ranges::any_of(card.bill_steps, is_commitment);
}

bool has_shared(const Charge& charge, MoneyKind kind) {
  return std::ranges::any_of(charge.money_steps, [&](const MoneyStep& step) {
    return step.kind == kind && step.reach == Reach::Shared;
  });
}

const Charge* charge_called(const RateCard& card, const std::string& name) {
  const auto found = std::ranges::find(card.charges, name, &Charge::name);
  return found == card.charges.end() ? nullptr : &*found;
}

bool has_pool(const RateCard& card, const syntax::Expect& expect) {
  return std::ranges::find(card.pools, expect.path.front().text, &Pool::name) != card.pools.end();
}

/// Whether that card has the line itself: of a charge, or of the bill, plans may have other ones.
bool has_whole_path(const RateCard& card, const syntax::Expect& expect) {
  if (!has_line(card, expect)) return false;
  const std::span<const syntax::Word> keys = std::span(expect.path).subspan(1);
  const auto is_called = [&](const auto& step) {
    return keys.size() == 1 && keys.front().text == keyword(step.kind);
  };
  if (expect.path.front().text == "bill")
    return std::ranges::any_of(
        card.bill_steps, [&](const BillStep& step) { return !step.commitment && is_called(step); });
  const Charge* const charge = charge_called(card, expect.path.front().text);
  if (!charge) return keys.empty() || has_pool(card, expect);
  if (std::ranges::any_of(charge->money_steps, [&](const MoneyStep& step) {
        return step.reach == Reach::Shared && is_called(step);
      }))
    return true;
  return std::ranges::equal(keys, charge->by, [&](const syntax::Word& key, uint32_t dimension) {
    const std::vector<std::string>& values = card.dimensions[dimension].values;
    return std::ranges::find(values, key.text) != values.end();
  });
}

/// Whether a row of that card's charge has as many values as the path.
bool has_as_many_values(const RateCard& card, const syntax::Expect& expect) {
  const Charge* const charge = charge_called(card, expect.path.front().text);
  return charge && charge->by.size() + 1 == expect.path.size();
}

/// The last part whose card has what is expected; where none has it, the one that best says what
/// there is.
CardContext& offer_of(const syntax::Expect& expect, std::span<const ExamplePart> parts) {
  const auto last_with = [&](const auto& has) -> CardContext* {
    for (const ExamplePart& part : parts | std::views::reverse)
      if (has(part.offer->card, expect)) return part.offer;
    return nullptr;
  };
  CardContext* offer = expect.left ? last_with(has_pool) : last_with(has_whole_path);
  if (!offer && !expect.left) offer = last_with(has_as_many_values);
  if (!offer && !expect.left) offer = last_with(has_line);
  return offer ? *offer : *parts.back().offer;
}

/// False, and reported, for a fraction where money stands, which no bill rounds to.
bool is_decimal(const syntax::Quantity& amount, Reader& read, CardContext& context) {
  if (!amount.over) return true;
  context.report
      .add("E017", "this fraction is not an amount of money",
           read.at({amount.number.span.begin, amount.over->span.end}),
           "only credits are divided so")
      .help("write the rounded amount, as in `0.33 USD`");
  return false;
}

class ExpectedLines {
 public:
  ExpectedLines(const syntax::Example& syntax, Reader& read, std::span<const ExamplePart> parts,
                CardContext& context, Example& example, std::set<std::string>& expected)
      : syntax_(syntax),
        read_(read),
        parts_(parts),
        context_(context),
        card_(context.card),
        example_(example),
        expected_(expected) {}

  void take(const syntax::Expect& expect);

 private:
  Place at(Span span) const { return read_.at(span); }
  bool name_once(const syntax::Expect& expect, Example::Expect& into);
  bool expect_left(const syntax::Expect& expect, Example::Expect& into);
  const CreditUnit* credit_of_line(const syntax::Expect& expect) const;
  bool expect_credits(const syntax::Expect& expect, const CreditUnit& credit,
                      Example::Expect& into);
  std::optional<bool> negative_line(const syntax::Expect& expect);
  std::optional<bool> money_line(const syntax::Expect& expect);
  std::optional<bool> charge_line(const syntax::Expect& expect, const Charge& charge);
  std::optional<bool> pool_line(const syntax::Expect& expect, const Pool& pool);
  void report_no_line(const syntax::Expect& expect, Span place, std::string_view label,
                      std::span<const std::string> names, std::string help);
  std::vector<std::string> some_lines_of(const std::string& name) const;
  std::vector<std::string> shared_lines_of(const std::string& name) const;
  std::vector<std::string> line_names() const;

  const syntax::Example& syntax_;
  Reader& read_;
  std::span<const ExamplePart> parts_;
  CardContext& context_;
  const RateCard& card_;
  Example& example_;
  std::set<std::string>& expected_;
};

std::vector<std::string> ExpectedLines::line_names() const {
  std::vector<std::string> names{"total"};
  for (const Pool& pool : card_.pools) names.push_back(pool.name);
  for (const BillStep& step : card_.bill_steps)
    if (step.commitment) names.push_back(step.commitment->name);
  for (const Fee& fee : card_.fees) names.push_back(fee.name);
  for (const Charge& charge : card_.charges) names.push_back(charge.name);
  return names;
}

/// A path that names nothing; `help` is offered where no known name is near.
void ExpectedLines::report_no_line(const syntax::Expect& expect, Span place, std::string_view label,
                                   std::span<const std::string> names, std::string help) {
  if (context_.incomplete) return context_.report.hold_back();
  const std::string path(read_.text({expect.path.front().span.begin, expect.path.back().span.end}));
  const std::string nearest = suggest(read_.text(place), names);
  context_.report
      .add("E322", fmt::format("the invoice of this card has no line {}", quoted(path)), at(place),
           std::string(label))
      .help(nearest.empty() ? std::move(help) : fmt::format("did you mean {}?", quoted(nearest)));
}

/// "storage/standard", "storage/minimum": what a line of the charge is called, for example, and
/// those that its rows share, in any part of the example.
std::vector<std::string> ExpectedLines::some_lines_of(const std::string& name) const {
  std::vector<std::string> lines;
  for (const ExamplePart& part : parts_ | std::views::reverse) {
    const RateCard& card = part.offer->card;
    const Charge* const charge = charge_called(card, name);
    if (!charge) continue;
    std::string row = name;
    for (uint32_t i : charge->by) row += '/' + card.dimensions[i].values.front();
    if (std::ranges::find(lines, row) == lines.end()) lines.push_back(std::move(row));
  }
  for (const std::string& shared : shared_lines_of(name)) lines.push_back(name + '/' + shared);
  return lines;
}

/// "minimum": what the rows of the charge share, in any part of the example.
std::vector<std::string> ExpectedLines::shared_lines_of(const std::string& name) const {
  std::vector<std::string> names;
  for (const MoneyKind kind : kMoneyKinds) {
    const auto has_it = [&](const ExamplePart& part) {
      const Charge* const charge = charge_called(part.offer->card, name);
      return charge && has_shared(*charge, kind);
    };
    if (std::ranges::any_of(parts_, has_it)) names.emplace_back(keyword(kind));
  }
  return names;
}

/// `CHARGE/key/...`, and `CHARGE/minimum` of a shared line.
std::optional<bool> ExpectedLines::charge_line(const syntax::Expect& expect, const Charge& charge) {
  const std::span<const syntax::Word> keys = std::span(expect.path).subspan(1);
  if (keys.size() == 1) {
    for (MoneyKind kind : kMoneyKinds)
      if (has_shared(charge, kind) && keys.front().text == keyword(kind)) return takes_off(kind);
  }
  const std::vector<std::string> shared = shared_lines_of(charge.name);
  std::vector<std::string> names;
  for (uint32_t i : charge.by) names.push_back(card_.dimensions[i].name);
  if (keys.size() != charge.by.size()) {
    report_no_line(expect, {expect.path.front().span.begin, expect.path.back().span.end},
                   names.empty() ? "this charge has one line"
                                 : fmt::format("this charge has a line for each {}", listed(names)),
                   std::span<const std::string>(),
                   fmt::format("write `{}`", fmt::join(some_lines_of(charge.name), "` or `")));
    return std::nullopt;
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    const DimensionEntry& entry =
        context_.scope.dimensions()[context_.scope_dimensions[charge.by[i]]];
    if (entry.value(keys[i].text)) continue;
    std::vector<std::string> lines = entry.dimension.values;
    if (keys.size() == 1) lines.insert(lines.end(), shared.begin(), shared.end());
    report_no_line(
        expect, keys[i].span, known(lines), lines,
        fmt::format("write a value of {}", quoted(entry.dimension.name)) +
            (shared.empty() ? "" : fmt::format(", or `{}/{}`", charge.name, shared.front())));
    return std::nullopt;
  }
  return false;
}

/// `bill/minimum`.
std::optional<bool> ExpectedLines::money_line(const syntax::Expect& expect) {
  std::vector<std::string> names;
  for (const BillStep& step : card_.bill_steps) {
    if (step.commitment) continue;
    names.emplace_back(keyword(step.kind));
    if (expect.path.size() == 2 && expect.path[1].text == names.back()) return takes_off(step.kind);
  }
  report_no_line(expect, expect.path.back().span, known(names), names,
                 "the lines of the bill are called after the card's `bill` lines");
  return std::nullopt;
}

/// Whether the line that a path names is negative; empty, and reported, where it names none.
std::optional<bool> ExpectedLines::negative_line(const syntax::Expect& expect) {
  const std::string& first = expect.path.front().text;
  if (first == "bill") return money_line(expect);
  if (expect.path.size() == 1 && first == "total") return false;
  const bool fee = std::ranges::find(card_.fees, first, &Fee::name) != card_.fees.end();
  const bool commitment = std::ranges::any_of(card_.bill_steps, [&](const BillStep& step) {
    return step.commitment && step.commitment->name == first;
  });
  if (expect.path.size() == 1 && (fee || commitment)) return false;
  const auto pool = std::ranges::find(card_.pools, first, &Pool::name);
  if (pool != card_.pools.end()) return pool_line(expect, *pool);
  auto charge = std::ranges::find(card_.charges, first, &Charge::name);
  if (charge != card_.charges.end()) return charge_line(expect, *charge);
  std::string hint = hint_at_plan_with_line(context_, syntax_, first);
  const bool of_other_plan = !hint.empty();
  report_no_line(expect, expect.path.front().span, {},
                 of_other_plan ? std::vector<std::string>() : line_names(),
                 of_other_plan ? std::move(hint)
                               : "the lines are called after the fees and charges of the card");
  return std::nullopt;
}

/// `POOL/beyond` of the pool that bills what is left; `POOL` of one in money, which takes off.
std::optional<bool> ExpectedLines::pool_line(const syntax::Expect& expect, const Pool& pool) {
  const bool beyond = expect.path.size() == 2 && expect.path[1].text == "beyond";
  if (beyond && pool.beyond == Pool::Beyond::Priced) return false;
  if (expect.path.size() == 1 && !pool.credit) return true;
  const std::string left =
      fmt::format("write `expect {} ... left` for what it has left", pool.name);
  report_no_line(expect, {expect.path.front().span.begin, expect.path.back().span.end},
                 pool.beyond == Pool::Beyond::Priced ? "a pool has a line for what is beyond it"
                                                     : "this pool bills nothing",
                 std::span<const std::string>(),
                 pool.beyond == Pool::Beyond::Priced
                     ? fmt::format("write `{}/beyond`, or {}", pool.name, left.substr(6))
                     : left);
  return std::nullopt;
}

/// `expect compute 0 credits left`
bool ExpectedLines::expect_left(const syntax::Expect& expect, Example::Expect& into) {
  const std::string& name = expect.path.front().text;
  const auto pool = std::ranges::find(card_.pools, name, &Pool::name);
  if (pool == card_.pools.end() || expect.path.size() > 1) {
    if (context_.incomplete) {
      context_.report.hold_back();
      return false;
    }
    std::vector<std::string> names;
    for (const Pool& each : card_.pools) names.push_back(each.name);
    const std::string nearest = suggest(name, names);
    context_.report
        .add("E322", fmt::format("the card has no pool {}", quoted(name)),
             at(expect.path.front().span), "only a pool has something left")
        .help(nearest.empty() ? "leave `left` out, or name a pool"
                              : fmt::format("did you mean {}?", quoted(nearest)));
    return false;
  }
  const CreditUnit* credit = pool->credit ? &card_.credits[*pool->credit] : nullptr;
  const std::string& unit = expect.amount.unit.text;
  if (credit && unit != credit->name && unit != credit->plural) {
    context_.report
        .add("E403",
             fmt::format("pool {} holds {}, and this is in {}", quoted(name), credit->plural, unit),
             at(expect.amount.unit.span))
        .help(fmt::format("write a number of {}", credit->plural));
    return false;
  }
  into.left = true;
  into.credits = read_pooled(*pool, expect.amount, syntax_, read_, context_);
  return into.credits.has_value();
}

/// The unit of a charge's line that is in credits; null for money.
const CreditUnit* ExpectedLines::credit_of_line(const syntax::Expect& expect) const {
  const auto charge = std::ranges::find(card_.charges, expect.path.front().text, &Charge::name);
  const bool in_credits = charge != card_.charges.end() && charge->credit;
  return in_credits ? &card_.credits[*charge->credit] : nullptr;
}

bool ExpectedLines::expect_credits(const syntax::Expect& expect, const CreditUnit& credit,
                                   Example::Expect& into) {
  const std::string& unit = expect.amount.unit.text;
  if (unit != credit.name && unit != credit.plural) {
    context_.report
        .add("E403", fmt::format("this line is in {}, and the amount in {}", credit.plural, unit),
             at(expect.amount.unit.span))
        .help(fmt::format("write a number of {}", credit.plural));
    return false;
  }
  into.credits = read_fraction(expect.amount, read_.file(), context_.report);
  return into.credits && negative_line(expect);
}

void ExpectedLines::take(const syntax::Expect& expect) {
  Example::Expect into{.path = {}, .source = read_.source(expect.span)};
  const CreditUnit* credit = credit_of_line(expect);
  if (expect.left || credit) {
    const bool known =
        expect.left ? expect_left(expect, into) : expect_credits(expect, *credit, into);
    if (known && name_once(expect, into)) example_.expects.push_back(std::move(into));
    return;
  }
  if (!is_in_its_currency(expect.amount, syntax_, read_, context_) ||
      !is_decimal(expect.amount, read_, context_))
    return;
  auto amount = read_.amount(expect.amount, context_.currency);
  auto negative = negative_line(expect);
  if (!name_once(expect, into) || !amount || !negative) return;
  into.amount_minor = *negative ? -*amount : *amount;
  example_.expects.push_back(std::move(into));
}

/// Sets the path; false, and reported, where it is expected already.
bool ExpectedLines::name_once(const syntax::Expect& expect, Example::Expect& into) {
  std::vector<std::string_view> words;
  for (const auto& word : expect.path) words.push_back(word.text);
  into.path = fmt::format("{}", fmt::join(words, "/"));
  if (expected_.insert(into.path + (expect.left ? " left" : "")).second) return true;
  context_.report
      .add("E120", fmt::format("{} is expected twice", quoted(into.path)), at(expect.span))
      .help("keep one of the two");
  return false;
}

}  // namespace

bool is_in_its_currency(const syntax::Quantity& amount, const syntax::Example& example,
                        Reader& read, CardContext& context) {
  if (read.is_for(amount, context.currency)) return true;
  const std::string_view name = context.card.currency.name();
  context.report
      .add("E105",
           fmt::format("this amount is in {}, but the example is in {}", amount.unit.text, name),
           read.at(amount.unit.span))
      .see(read.at(example.expects.front().amount.unit.span), "by the first amount it expects")
      .help("write one example for each currency");
  return false;
}

std::optional<Ratio> read_pooled(const Pool& pool, const syntax::Quantity& quantity,
                                 const syntax::Example& example, Reader& read,
                                 CardContext& context) {
  if (pool.credit) return read_fraction(quantity, read.file(), context.report);
  if (!is_in_its_currency(quantity, example, read, context) || !is_decimal(quantity, read, context))
    return std::nullopt;
  const auto minor = read.amount(quantity, context.currency);
  if (!minor) return std::nullopt;
  return Ratio::of(*minor, power_of_ten(context.card.currency.exponent));
}

void check_expected(const syntax::Example& syntax, Reader& read, std::span<const ExamplePart> parts,
                    Example& example) {
  std::set<std::string> expected;
  for (const auto& expect : syntax.expects)
    ExpectedLines(syntax, read, parts, offer_of(expect, parts), example, expected).take(expect);
}

}  // namespace toll::dsl::checker
