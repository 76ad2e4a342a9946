// Periods in which a version or a plan with other prices begins: generated cards by the runtime,
// and by the oracle, which rates whole usage by each and knows nothing of cuts.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <regex>

#include "compiler/lower.h"
#include "dsl/check.h"
#include "runtime/quote.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/oracle.h"
#include "tests/differential/random.h"
#include "tests/differential/usage_generator.h"

namespace toll::differential {
namespace {

constexpr uint64_t kSeeds = 1'500;
constexpr int kCutsOfACard = 6;
constexpr int kDays = 31;  // March
const Date kFirst = *parse_date("2026-03-01");
const Period kMarch{kFirst, kFirst + std::chrono::days(kDays)};

std::string with_other_prices(const std::string& text) {
  return std::regex_replace(text, std::regex(R"( at (\d))"), " at 1$1");
}

/// The same card with other prices, from a day of March on.
std::string dearer(const std::string& text, int first_day) {
  std::string later = with_other_prices(text);
  const size_t from = later.find("  from 2026-01-05\n");
  return later.replace(from, 18,
                       fmt::format("  from {}\n  switch at once\n  applies to everyone\n",
                                   toll::to_string(kFirst + std::chrono::days(first_day))));
}

/// The same card in a plan, and with other prices in another one: the items, which stand below the
/// four lines of its header.
std::string in_plans(const std::string& text) {
  size_t items = text.find("\ncard ") + 1;
  for (int line = 0; line < 5; ++line) items = text.find('\n', items) + 1;
  std::string inner = std::regex_replace("\n" + text.substr(items), std::regex("\n  "), "\n    ");
  return text.substr(0, items) + "  plan first" + inner + "\n  plan second" +
         with_other_prices(inner);
}

/// What is in force before the cut, and after it.
struct Versions {
  std::vector<std::shared_ptr<const runtime::Revision>> revisions;
  const dsl::RateCard& old() const { return revisions[0]->card(); }
  const dsl::RateCard& next() const { return revisions[1]->card(); }
};

/// Empty where the other prices make no card.
std::optional<Versions> versions_of(std::span<const dsl::SourceFile> files) {
  dsl::Checked checked = dsl::check(files);
  if (checked.cards.size() != 2) return std::nullopt;
  Versions versions;
  for (dsl::RateCard& card : checked.cards) {
    auto program = compiler::lower(card);
    if (!program) return std::nullopt;
    versions.revisions.push_back(
        std::make_shared<const runtime::Revision>(std::move(card), *std::move(program), nullptr));
  }
  std::ranges::sort(versions.revisions, {}, [](const auto& each) {
    return std::pair(each->card().from, each->card().offer);
  });
  return versions;
}

/// Whether entries of one cell come to their sum. Averages would come to nothing that is known, so
/// none are drawn twice.
bool adds_up(const dsl::Meter& meter) {
  const std::string& aggregate = meter.declaration->aggregate.text;
  return aggregate == "counts" || aggregate == "sums" || aggregate == "lists" ||
         aggregate == "accrues";
}

bool are_of_one_cell(const Entry& a, const Entry& b) {
  return a.meter == b.meter && a.values == b.values;
}

/// The entries of `document` as they are rated: of peaks the greatest, of other levels the last.
Document together(const Document& document, const dsl::RateCard& card) {
  Document result = document;
  result.entries.clear();
  for (const Entry& entry : document.entries) {
    const dsl::Meter& meter = card.meters[entry.meter];
    const auto same = std::ranges::find_if(
        result.entries, [&](const Entry& other) { return are_of_one_cell(entry, other); });
    if (adds_up(meter) || same == result.entries.end())
      result.entries.push_back(entry);
    else if (meter.declaration->aggregate.text != "peaks" || same->quantity < entry.quantity)
      *same = entry;
  }
  return result;
}

/// Usage before the cut and after it.
struct Halves {
  Document before, after;
  Document all() const {
    Document sum = before;
    sum.entries.insert(sum.entries.end(), after.entries.begin(), after.entries.end());
    return sum;
  }
};

Halves draw_halves(UsageGenerator& generator, Random& random, const dsl::RateCard& card,
                   int first_day) {
  Halves halves;
  std::vector<Entry> averages;
  for (Entry entry : generator.draw().entries) {
    if (entry.names_only) continue;
    if (card.meters[entry.meter].declaration->aggregate.text == "averages") {
      const auto same = [&](const Entry& other) { return are_of_one_cell(entry, other); };
      if (std::ranges::any_of(averages, same)) continue;
      averages.push_back(entry);
    }
    bool late = random.chance(50);
    if (card.meters[entry.meter].grain == dsl::Grain::Day) {
      entry.day = static_cast<uint32_t>(random.below(kDays));
      late = entry.day >= static_cast<uint32_t>(first_day);
    }
    (late ? halves.after : halves.before).entries.push_back(std::move(entry));
  }
  return halves;
}

void add_usage(const Document& half, const dsl::RateCard& card, Date from, Date until,
               runtime::UsageDocument& document) {
  for (const Entry& entry : half.entries) {
    const dsl::Meter& meter = card.meters[entry.meter];
    runtime::UsageEntry used{
        .meter = meter.name, .at = {}, .quantity = {}, .from = from, .until = until};
    for (size_t i = 0; i < meter.dimensions.size(); ++i) {
      const dsl::Dimension& dimension = card.dimensions[meter.dimensions[i]];
      used.at.emplace_back(dimension.name, dimension.values[entry.values[i]]);
    }
    if (meter.grain == dsl::Grain::Cell) {
      used.quantity = entry.quantity;
    } else if (meter.grain == dsl::Grain::Item) {
      used.given = runtime::UsageEntry::Given::Items;
      used.items = {entry.quantity};
    } else {
      used.given = runtime::UsageEntry::Given::Days;
      used.days = {{kFirst + std::chrono::days(entry.day), entry.quantity}};
    }
    document.usage.push_back(std::move(used));
  }
}

/// Whether a fee is due on a bill of so many days of March: a term begins so many months after the
/// customer came, on the same day of the month.
bool is_due(const dsl::Fee& fee, const std::optional<Date>& since, const Period& days) {
  if (!fee.term && !fee.once) return true;
  if (!since) return fee.once;  // no quarter and no year begins in March
  const std::chrono::year_month_day begun(*since);
  const int months = (2026 - static_cast<int>(begun.year())) * 12 + 3 -
                     static_cast<int>(static_cast<unsigned>(begun.month()));
  if (fee.once ? months != 0 : months % (*fee.term == PeriodUnit::Year ? 12 : 3) != 0) return false;
  const Date begins = kFirst + std::chrono::days(static_cast<unsigned>(begun.day()) - 1);
  return days.from <= begins && begins < days.until;
}

/// A day up to two years before the end of March, or none.
std::optional<Date> draw_since(Random& random) {
  if (random.chance(20)) return std::nullopt;
  constexpr std::array kMonthsBefore = {0, 0, 1, 2, 3, 6, 9, 11, 12, 13, 24};
  constexpr std::array kDaysOfMonth = {1u, 2u, 15u, 28u, 30u, 31u};
  const std::chrono::year_month month =
      std::chrono::year_month(std::chrono::year(2026), std::chrono::March) -
      std::chrono::months(random.pick(kMonthsBefore));
  const std::chrono::year_month_day day = month / std::chrono::day(random.pick(kDaysOfMonth));
  return day.ok() ? Date(day) : Date(month / std::chrono::last);
}

/// A bill that covers some of the days of one that is `whole`.
Bill rated(const dsl::RateCard& card, const Document& document, int covered_days,
           const std::optional<Date>& since, const Period& whole = kMarch) {
  Usage usage = to_usage(document);
  usage.covered_days = covered_days;
  usage.period_days = kDays;
  usage.commitments.resize(static_cast<size_t>(std::ranges::count_if(
      card.bill_steps, [](const auto& s) { return s.commitment.has_value(); })));
  for (const dsl::Fee& fee : card.fees) usage.fees_due.push_back(is_due(fee, since, whole));
  return rate_exactly(card, usage);
}

bool is_fee(const dsl::RateCard& card, const std::string& path) {
  return std::ranges::find(card.fees, path, &dsl::Fee::name) != card.fees.end();
}

/// What lines of fees and charges come to: exact, and rounded to minor units.
using Amounts = std::map<std::string, std::pair<Fraction, Integer>>;

bool fits_128_bits(const Fraction& exact) {
  const Integer limit = Integer(1) << 127;
  return abs(numerator(exact)) < limit && denominator(exact) < limit;
}

/// Empty where one of the bills has a fault, or the difference of two is too long.
std::optional<Amounts> expected(const Versions& versions, const Halves& halves, int first_day,
                                const std::optional<Date>& since) {
  const auto is_charge = [](const dsl::RateCard& card, const std::string& path) {
    const std::string name = path.substr(0, path.find('/'));
    return std::ranges::find(card.charges, name, &dsl::Charge::name) != card.charges.end();
  };
  const std::array<Document, 3> usages = {halves.before, halves.all(), halves.before};
  const std::array cards = {&versions.old(), &versions.next(), &versions.next()};
  Amounts sums;  // by path and number, since two lines of a charge may have one path
  std::map<std::string, Fraction> of_next;  // what the next version adds
  for (size_t i = 0; i < usages.size(); ++i) {
    const Bill bill = rated(*cards[i], together(usages[i], *cards[i]), kDays, since);
    if (bill.fault != Fault::None) return std::nullopt;
    std::map<std::string, int> seen;
    for (const Line& line : bill.lines) {
      if (!is_charge(*cards[i], line.path)) continue;
      const std::string key = fmt::format("{}#{}", line.path, seen[line.path]++);
      const Fraction exact = i == 2 ? Fraction(-line.exact) : line.exact;
      sums[key].first += exact;
      sums[key].second += i == 2 ? Integer(-line.amount) : line.amount;
      if (i > 0) of_next[key] += exact;
    }
  }
  for (const auto& [path, added] : of_next)
    if (!fits_128_bits(added) || !fits_128_bits(sums[path].first)) return std::nullopt;
  Amounts amounts;
  for (auto& [path, sum] : sums) {
    if (sum.first < 0) sum.first = 0;
    if (sum.second < 0) sum.second = 0;
    Amounts::mapped_type& all = amounts[path.substr(0, path.find('#'))];
    all.first += sum.first;
    all.second += sum.second;
  }
  for (size_t i = 0; i < 2; ++i) {
    const dsl::RateCard& card = *cards[i];
    const Bill bill = rated(card, {}, i == 0 ? first_day : kDays - first_day, since);
    if (bill.fault != Fault::None) return std::nullopt;
    for (const Line& line : bill.lines) {
      if (!is_fee(card, line.path)) continue;
      const auto fee = std::ranges::find(card.fees, line.path, &dsl::Fee::name);
      if (i == 1 && !fee->prorated_by_day) continue;
      if (!is_due(*fee, since, kMarch)) continue;
      amounts[line.path].first += line.exact;
      amounts[line.path].second += line.amount;
    }
  }
  return amounts;
}

Integer minor_of(const std::string& amount) {
  std::string digits = amount;
  std::erase(digits, '.');
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return negative ? -Integer(digits) : Integer(digits);
}

/// "12.5" or "1/3" of the major unit in minor units.
Fraction minor_exact_of(const std::string& exact, int exponent) {
  Fraction scale = 1;
  for (int i = 0; i < exponent; ++i) scale *= 10;
  const size_t slash = exact.find('/');
  if (slash != std::string::npos)
    return Fraction(Integer(exact.substr(0, slash)), Integer(exact.substr(slash + 1))) * scale;
  const size_t point = exact.find('.');
  const size_t places = point == std::string::npos ? 0 : exact.size() - point - 1;
  for (size_t i = 0; i < places; ++i) scale /= Fraction(10);
  return Fraction(minor_of(exact)) * scale;
}

class CutPeriods : public ::testing::Test {
 protected:
  void run(uint64_t seed, const std::string& text) {
    Random random(seed);
    const int first_day = static_cast<int>(random.between(1, kDays - 1));
    const bool plans = random.chance(50);
    std::vector<dsl::SourceFile> files = {{"old.toll", plans ? in_plans(text) : text}};
    if (!plans) files.push_back({"next.toll", dearer(text, first_day)});
    const auto versions = versions_of(files);
    if (!versions) return;
    ++(plans ? cards_in_plans_ : cards_);
    const runtime::CardSet set(versions->revisions);
    UsageGenerator generator(versions->old(), versions->revisions[0]->program(), seed);
    for (int i = 0; i < kCutsOfACard; ++i) {
      const Halves halves = draw_halves(generator, random, versions->old(), first_day);
      const std::optional<Date> since = draw_since(random);
      compare(*versions, set, halves, first_day, since);
      const Date cut = kFirst + std::chrono::days(first_day);
      compare_fees(versions->old(), set, {kMarch.from, cut}, since);
      compare_fees(versions->next(), set, {cut, kMarch.until}, since);
      for (const dsl::SourceFile& file : files)
        if (HasFailure()) FAIL() << "seed " << seed << "\n" << file.text;
    }
  }

  void compare(const Versions& versions, const runtime::CardSet& set, const Halves& halves,
               int first_day, const std::optional<Date>& since) {
    const auto amounts = expected(versions, halves, first_day, since);
    runtime::UsageDocument document;
    document.card = "generated";
    document.customer_since = since;
    document.period = kMarch;
    const Date cut = kFirst + std::chrono::days(first_day);
    if (!versions.old().plan.empty()) {
      document.plan = versions.old().plan;
      document.plan_changes = {{cut, versions.next().plan}};
    }
    // The later half first: the order of entries is not that of time.
    add_usage(halves.after, versions.old(), cut, document.period->until, document);
    add_usage(halves.before, versions.old(), kFirst, cut, document);
    const auto answer = runtime::explain(set, document);
    if (!amounts) return;
    ASSERT_TRUE(answer.has_value())
        << answer.error().faults.front().message << "\nbefore the cut:\n"
        << to_string(halves.before, versions.old()) << "after it:\n"
        << to_string(halves.after, versions.old());
    EXPECT_EQ(answer->parts.size(), 2u);
    ++bills_;
    Integer total = 0;
    Amounts found;
    for (const runtime::AnswerLine& line : answer->lines) {
      total += minor_of(line.amount);
      EXPECT_TRUE(!is_fee(versions.old(), line.path) || amounts->contains(line.path)) << line.path;
      found[line.path].first += minor_exact_of(line.exact, versions.next().currency.exponent);
      found[line.path].second += minor_of(line.amount);
    }
    for (const auto& [path, amount] : *amounts) {
      EXPECT_EQ(found[path].first, amount.first) << path;
      EXPECT_EQ(found[path].second, amount.second) << path;
    }
    EXPECT_EQ(total, minor_of(answer->total));
  }

  /// The fees of a bill of the days of one version.
  void compare_fees(const dsl::RateCard& card, const runtime::CardSet& set, const Period& days,
                    const std::optional<Date>& since) {
    const Bill bill = rated(card, {}, days.days(), since, days);
    runtime::UsageDocument document;
    document.card = "generated";
    document.period = days;
    if (!card.plan.empty()) document.plan = card.plan;
    if (!since || *since < days.until) document.customer_since = since;
    const auto answer = runtime::quote(set, document);
    if (bill.fault != Fault::None || document.customer_since != since) return;
    ASSERT_TRUE(answer.has_value()) << answer.error().faults.front().message;
    std::map<std::string, Integer> due, found;
    for (const Line& line : bill.lines) {
      const auto fee = std::ranges::find(card.fees, line.path, &dsl::Fee::name);
      if (fee != card.fees.end() && is_due(*fee, since, days)) due[line.path] = line.amount;
      fees_of_parts_ += fee != card.fees.end() && fee->has_term() && due.contains(line.path);
    }
    for (const runtime::AnswerLine& line : answer->lines)
      if (is_fee(card, line.path)) found[line.path] = minor_of(line.amount);
    EXPECT_EQ(found, due) << toll::to_string(days.from) << " to " << toll::to_string(days.until);
  }

  int cards_ = 0, cards_in_plans_ = 0, bills_ = 0, fees_of_parts_ = 0;
};

TEST_F(CutPeriods, AreBilledByTheDifferenceOfVersionsAndPlans) {
  const Constructs without = [] {
    Constructs set;
    for (const Construct construct : {Construct::RoundEachBill, Construct::InCredits,
                                      Construct::CreditShare, Construct::PoolInMoney})
      set.add(construct);
    return set;
  }();
  for (uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    const GeneratedCard card = generate_card(seed, without);
    if (card.text.find("  period month\n") != std::string::npos) run(seed, card.text);
  }
  fmt::print("{} cards of two versions, {} of two plans, {} bills\n", cards_, cards_in_plans_,
             bills_);
  EXPECT_GT(cards_, 75);
  EXPECT_GT(cards_in_plans_, 75);
  EXPECT_GT(bills_, 600);
  EXPECT_GT(fees_of_parts_, 50);
}

}  // namespace
}  // namespace toll::differential
