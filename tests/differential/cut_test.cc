// Periods in which a version or a plan with other prices begins: generated cards by the runtime,
// and by the oracle, which rates whole usage by each and knows nothing of cuts.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "runtime/quote.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/cut_oracle.h"
#include "tests/differential/cut_texts.h"
#include "tests/differential/oracle.h"
#include "tests/differential/random.h"
#include "tests/differential/usage_entry.h"
#include "tests/differential/usage_generator.h"
#include "tests/support/live.h"

namespace toll::differential {
namespace {

constexpr uint64_t kSeeds = 1'500;
constexpr int kCutsOfACard = 6;

/// What is in force before the cut, and after it.
struct Versions {
  std::vector<std::shared_ptr<const runtime::Revision>> revisions;
  std::shared_ptr<const runtime::Revision> all;  ///< has the charges of both
  const dsl::RateCard& old() const { return revisions[0]->card(); }
  const dsl::RateCard& next() const { return revisions[1]->card(); }
};

/// Whether the meters that two cards have are given by the same entries.
bool are_given_alike(const dsl::RateCard& a, const dsl::RateCard& b) {
  return std::ranges::all_of(a.meters, [&](const dsl::Meter& meter) {
    const auto other = std::ranges::find(b.meters, meter.name, &dsl::Meter::name);
    return other == b.meters.end() || other->grain == meter.grain;
  });
}

/// Of a text that has all charges, and of those that share a bill. Empty where they make no cards.
std::optional<Versions> versions_of(const std::string& all,
                                    std::span<const dsl::SourceFile> files) {
  Versions versions{.revisions = testing::drawn_revisions(files), .all = nullptr};
  const std::vector<dsl::SourceFile> whole = {{"all.toll", all}};
  const auto of_all = testing::drawn_revisions(whole);
  if (versions.revisions.size() != 2 || of_all.size() != 1) return std::nullopt;
  versions.all = of_all.front();
  std::ranges::sort(versions.revisions, {}, [](const auto& each) {
    return std::pair(each->card().from, each->card().offer);
  });
  if (!are_given_alike(versions.all->card(), versions.old()) ||
      !are_given_alike(versions.all->card(), versions.next()))
    return std::nullopt;
  return versions;
}

bool has_meter(const dsl::RateCard& card, const std::string& name) {
  return std::ranges::find(card.meters, name, &dsl::Meter::name) != card.meters.end();
}

/// What was used in each segment, in no order of time.
std::vector<Document> draw_usage(UsageGenerator& generator, Random& random,
                                 const Versions& versions, const std::vector<Date>& begins) {
  const dsl::RateCard& card = versions.all->card();
  std::vector<Document> used(begins.size());
  for (Entry entry : generator.draw().entries) {
    const std::string& name = card.meters[entry.meter].name;
    const bool is_priced = has_meter(versions.old(), name) || has_meter(versions.next(), name);
    if (entry.names_only || !is_priced) continue;
    size_t segment = random.below(begins.size());
    if (card.meters[entry.meter].grain == dsl::Grain::Day) {
      entry.day = static_cast<uint32_t>(random.below(kDays));
      const Date day = kFirst + std::chrono::days(entry.day);
      segment = static_cast<size_t>(std::ranges::upper_bound(begins, day) - begins.begin()) - 1;
    }
    // Two averages of the same days say nothing about both.
    const auto same = [&](const Entry& other) { return are_of_one_cell(entry, other); };
    if (card.meters[entry.meter].declaration->aggregate.text == "averages" &&
        std::ranges::any_of(used[segment].entries, same))
      continue;
    used[segment].entries.push_back(std::move(entry));
  }
  return used;
}

void add_usage(const Document& half, const dsl::RateCard& card, Date from, Date until,
               runtime::UsageDocument& document) {
  for (const Entry& entry : half.entries)
    document.usage.push_back(
        usage_entry(entry, card, {from, until}, kFirst + std::chrono::days(entry.day)));
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

bool is_fee(const dsl::RateCard& card, const std::string& path) {
  return std::ranges::find(card.fees, path, &dsl::Fee::name) != card.fees.end();
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

/// How steps of a total fall to lines: those with the largest remainders, of equal ones the first.
std::vector<Integer> spread(const std::vector<Fraction>& exact, const Integer& total,
                            const Integer& step) {
  std::vector<Integer> amounts;
  Integer left = total / step;
  for (const Fraction& line : exact) {
    Integer steps = round_exactly(line, step, RoundingMode::Down) / step;
    if (line < steps * step) --steps;
    amounts.push_back(steps * step);
    left -= steps;
  }
  std::vector<size_t> order(exact.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const std::vector<Integer> floors = amounts;
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    return Fraction(exact[a] - floors[a]) > Fraction(exact[b] - floors[b]);
  });
  for (size_t i = 0; i < left; ++i) amounts[order.at(i)] += step;
  return amounts;
}

std::string first_message(const runtime::Refusal& refusal) {
  return refusal.faults.front().message;
}

class CutPeriods : public ::testing::Test {
 protected:
  void run(uint64_t seed, std::string text) {
    Random random(seed);
    const int first_day = static_cast<int>(random.between(1, kDays - 1));
    const bool plans = random.chance(50);
    if (random.chance(70)) text = with_grants(text, random);
    if (random.chance(50)) text = with_minimums_of_days(text, random);
    std::string old = random.chance(50) ? without_a_charge(text, random) : text;
    std::string next = random.chance(30) ? without_a_charge(text, random) : text;
    if (random.chance(40)) old = without_some_lines(old, random);
    if (random.chance(40)) next = without_some_lines(next, random);
    std::vector<dsl::SourceFile> files = {
        {"old.toll", plans ? in_plans(old, with_other_prices(next)) : old}};
    if (!plans) files.push_back({"next.toll", dearer(next, first_day)});
    if (!plans && random.chance(30)) files[1].text = rounded_otherwise(files[1].text, random);
    const auto versions = versions_of(text, files);
    if (!versions) return;
    ++(plans ? cards_in_plans_ : cards_);
    cards_with_new_charges_ += std::ranges::any_of(versions->next().charges, [&](const auto& each) {
      return std::ranges::find(versions->old().charges, each.name, &dsl::Charge::name) ==
             versions->old().charges.end();
    });
    const runtime::CardSet set(versions->revisions);
    UsageGenerator generator(versions->all->card(), versions->all->program(), seed);
    for (int i = 0; i < kCutsOfACard; ++i) {
      const CutWorld world = draw_world(*versions, first_day, generator, random);
      compare(*versions, set, world);
      compare_fees(versions->old(), set, {kFirst, world.cut}, world.since);
      compare_fees(versions->next(), set, {world.cut, kEnd}, world.since);
      if (HasFailure()) FAIL() << "seed " << seed << "\n" << files[0].text << files.back().text;
    }
  }

  /// Plans whose rows share other lines, or the same in another order.
  void run_shared_lines(uint64_t seed) {
    Random random(seed);
    const std::string rounding = draw_rounding(random);
    const std::string old = with_shared_lines(random, rounding);
    const std::string next = with_shared_lines(random, rounding);
    const std::vector<dsl::SourceFile> files = {{"shared.toll", in_plans(old, next)}};
    const auto versions = versions_of(old, files);
    ASSERT_TRUE(versions.has_value()) << files[0].text;
    const runtime::CardSet set(versions->revisions);
    UsageGenerator generator(versions->all->card(), versions->all->program(), seed);
    for (int i = 0; i < kCutsOfACard; ++i) {
      const int first_day = static_cast<int>(random.between(1, kDays - 1));
      const CutWorld world = draw_world(*versions, first_day, generator, random);
      compare(*versions, set, world);
      if (HasFailure()) FAIL() << "seed " << seed << "\n" << files[0].text;
    }
  }

  /// Where the prices stay, a cut changes nothing: the bill is what it is without.
  void run_same_prices(uint64_t seed, const std::string& text) {
    if (text.contains("\n  pool ")) return;  // grants pay for what was used in their days
    Random random(seed);
    const std::vector<dsl::SourceFile> files = {{"same.toll", in_plans(text, text)}};
    const auto versions = versions_of(text, files);
    if (!versions) return;
    const runtime::CardSet set(versions->revisions);
    UsageGenerator generator(versions->old(), versions->revisions[0]->program(), seed);
    const int first_day = static_cast<int>(random.between(1, kDays - 1));
    const CutWorld world = draw_world(*versions, first_day, generator, random);
    runtime::UsageDocument document = document_of(*versions, world);
    const auto from = [](const runtime::UsageEntry& entry) { return entry.from; };
    std::ranges::stable_sort(document.usage, {}, from);  // items count in the order of time
    const auto cut = runtime::quote(set, document);
    document.plan_changes.clear();
    const auto whole = runtime::quote(set, document);
    if (!cut || !whole) return;
    ++bills_of_same_prices_;
    EXPECT_EQ(amounts_of(*cut), amounts_of(*whole)) << "seed " << seed << "\n" << files[0].text;
  }

  /// Of all lines, those of one path together, and of the bill.
  static std::map<std::string, std::vector<std::string>> amounts_of(const runtime::Answer& answer) {
    std::map<std::string, std::vector<std::string>> amounts{{"", {answer.total}}};
    for (const runtime::AnswerLine& line : answer.lines) {
      amounts[line.path].push_back(line.exact);
      amounts[line.path].push_back(line.amount);
    }
    return amounts;
  }

  static CutWorld draw_world(const Versions& versions, int first_day, UsageGenerator& generator,
                             Random& random) {
    CutWorld world{.cards = {&versions.old(), &versions.next()},
                   .all = &versions.all->card(),
                   .cut = kFirst + std::chrono::days(first_day),
                   .since = draw_since(random),
                   .begins = {},
                   .used = {},
                   .grants = {}};
    for (const dsl::Pool& pool : versions.next().pools) {
      for (uint64_t grants = random.below(3); grants > 0; --grants) {
        CutWorldGrant grant{.pool = pool.name,
                            .quantity = random.between(1, random.chance(50) ? 500 : 1'000'000),
                            .from = kFirst,
                            .expires = std::nullopt};
        // Tenths, so that a grant may have more places than what is used, and what prices by the
        // hour leave.
        if (pool.credit && random.chance(50)) grant.quantity /= random.chance(50) ? 10 : 3'600;
        if (random.chance(40)) grant.from += std::chrono::days(random.below(kDays));
        if (random.chance(50))
          grant.expires = grant.from + std::chrono::days(random.between(1, 2 * kDays));
        world.grants.push_back(grant);
      }
    }
    std::set<Date> begins{kFirst, world.cut};
    // Money is for the bill as a whole, whenever it comes.
    const auto is_money = [&](const CutWorldGrant& grant) {
      const auto& pools = versions.next().pools;
      const auto pool = std::ranges::find(pools, grant.pool, &dsl::Pool::name);
      return pool != pools.end() && !pool->credit;
    };
    const auto add_days = [&](const std::vector<CutWorldGrant>& grants) {
      for (const CutWorldGrant& grant : grants) {
        if (is_money(grant)) continue;
        begins.insert(grant.from);
        if (grant.expires) begins.insert(*grant.expires);
      }
    };
    add_days(world.grants);
    add_days(own_grants(world));
    for (const Date day : begins)
      if (day < kFirst + std::chrono::days(kDays)) world.begins.push_back(day);
    world.used = draw_usage(generator, random, versions, world.begins);
    return world;
  }

  static runtime::UsageDocument document_of(const Versions& versions, const CutWorld& world) {
    runtime::UsageDocument document;
    document.card = "generated";
    document.customer_since = world.since;
    document.period = Period{kFirst, kFirst + std::chrono::days(kDays)};
    if (!versions.old().plan.empty()) {
      document.plan = versions.old().plan;
      document.plan_changes = {{world.cut, versions.next().plan}};
    }
    // The later usage first: the order of entries is not that of time.
    for (size_t s = world.begins.size(); s-- > 0;) {
      const Date until = s + 1 < world.begins.size() ? world.begins[s + 1] : document.period->until;
      add_usage(world.used[s], *world.all, world.begins[s], until, document);
    }
    for (const CutWorldGrant& grant : world.grants) {
      const auto pool = std::ranges::find(versions.next().pools, grant.pool, &dsl::Pool::name);
      Integer major = 1;
      if (!pool->credit)
        for (int i = 0; i < versions.next().currency.exponent; ++i) major *= 10;
      const Fraction quantity = grant.quantity / Fraction(major);
      document.grants.push_back({.pool = grant.pool,
                                 .quantity = Ratio::of(static_cast<Int128>(numerator(quantity)),
                                                       static_cast<Int128>(denominator(quantity))),
                                 .from = grant.from,
                                 .expires = grant.expires});
    }
    return document;
  }

  void compare(const Versions& versions, const runtime::CardSet& set, const CutWorld& world) {
    const auto expectation = expected(world);
    const auto answer = runtime::explain(set, document_of(versions, world));
    if (!expectation) return;
    if (expectation->blocked) {
      ++blocked_;
      ASSERT_FALSE(answer.has_value());
      EXPECT_TRUE(first_message(answer.error()).contains("stops what is beyond them"))
          << first_message(answer.error());
      return;
    }
    const bool whole = versions.next().rounding_place == dsl::RoundingPlace::Bill;
    // Usage that no charge of its days prices is held against limits alone.
    if (!answer && (first_message(answer.error()).contains("needs more than 128 bits") ||
                    first_message(answer.error()).contains("add up to 10^18 or more"))) {
      ++too_large_;
      return;
    }
    ASSERT_TRUE(answer.has_value()) << first_message(answer.error());
    EXPECT_EQ(answer->parts.size(), 2u);
    ++bills_;
    if (!versions.next().pools.empty()) ++bills_with_pools_;
    if (whole) ++bills_rounded_whole_;
    compare_lines(versions, *expectation, *answer, whole);
    for (const runtime::AnswerLine& line : answer->lines) {
      const auto says = [&](const std::string& text) {
        return std::ranges::any_of(line.steps,
                                   [&](const auto& step) { return step.text.contains(text); });
      };
      bounds_of_days_ += says("prorated by day, on all of the period: ");
      lines_of_old_bills_ +=
          answer->parts.size() == 2 && line.steps.size() == 1 &&
          says("on the lines of the whole period, by version " + answer->parts[0].version) &&
          (versions.next().plan.empty() ? answer->parts[0].version != answer->parts[1].version
                                        : says("plan `" + versions.old().plan + "`"));
    }
    for (const auto& [pool, left] : answer->remaining)
      if (expectation->left.contains(pool)) {
        EXPECT_EQ(left_of(versions, pool, left), expectation->left.at(pool)) << pool;
      }
  }

  /// The fees of a bill of the days of one version, which the total of the bill leaves alone.
  void compare_fees(const dsl::RateCard& card, const runtime::CardSet& set, const Period& days,
                    const std::optional<Date>& since) {
    if (card.rounding_place == dsl::RoundingPlace::Bill) return;
    Usage usage = to_usage({});
    usage.covered_days = days.days();
    usage.period_days = kDays;
    usage.commitments.resize(static_cast<size_t>(std::ranges::count_if(
        card.bill_steps, [](const auto& step) { return step.commitment.has_value(); })));
    for (const dsl::Fee& fee : card.fees) usage.fees_due.push_back(is_due(fee, since, days));
    usage.available.resize(card.pools.size());
    const Bill bill = rate_exactly(card, usage);
    runtime::UsageDocument document;
    document.card = "generated";
    document.period = days;
    if (!card.plan.empty()) document.plan = card.plan;
    if (!since || *since < days.until) document.customer_since = since;
    const auto answer = runtime::quote(set, document);
    if (bill.fault != Fault::None || document.customer_since != since) return;
    ASSERT_TRUE(answer.has_value()) << first_message(answer.error());
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

  static Fraction left_of(const Versions& versions, const std::string& name,
                          const std::string& text) {
    const auto pool = std::ranges::find(versions.next().pools, name, &dsl::Pool::name);
    return minor_exact_of(text, pool->credit ? 0 : versions.next().currency.exponent);
  }

  static void compare_lines(const Versions& versions, const CutExpectation& expectation,
                            const runtime::Answer& answer, bool whole) {
    const int exponent = versions.next().currency.exponent;
    Integer total = 0;
    std::map<std::string, CutAmounts> found;
    std::vector<Fraction> exact;
    std::vector<Integer> amounts;
    for (const runtime::AnswerLine& line : answer.lines) {
      CutAmounts& of_path = found[line.path];
      of_path.exact += minor_exact_of(line.exact, line.currency ? 0 : exponent);
      EXPECT_TRUE(!is_fee(versions.old(), line.path) || expectation.lines.contains(line.path))
          << line.path;
      if (line.currency) continue;
      of_path.amount += minor_of(line.amount);
      total += minor_of(line.amount);
      exact.push_back(minor_exact_of(line.exact, exponent));
      amounts.push_back(minor_of(line.amount));
    }
    EXPECT_EQ(total, minor_of(answer.total));
    const auto compare = [&](const std::map<std::string, CutAmounts>& lines) {
      for (const auto& [path, amount] : lines) {
        EXPECT_EQ(found[path].exact, amount.exact) << path;
        if (!whole) {
          EXPECT_EQ(found[path].amount, amount.amount) << path;
        }
      }
    };
    compare(expectation.lines);
    if (whole) {
      EXPECT_EQ(amounts, spread(exact, total, versions.next().rounding_step_minor));
    }
    compare(expectation.on_bill);
    EXPECT_EQ(total, expectation.total);
  }

  int bills_of_same_prices_ = 0;
  int cards_ = 0, cards_in_plans_ = 0, bills_ = 0, bills_with_pools_ = 0;
  int bounds_of_days_ = 0, lines_of_old_bills_ = 0;
  int cards_with_new_charges_ = 0, bills_rounded_whole_ = 0, blocked_ = 0, too_large_ = 0,
      fees_of_parts_ = 0;
};

TEST_F(CutPeriods, ChangeNothingWherePricesStay) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFailure(); seed += 3) {
    const GeneratedCard card = generate_card(seed);
    if (card.text.find("  period month\n") != std::string::npos) run_same_prices(seed, card.text);
  }
  EXPECT_GT(bills_of_same_prices_, 60);
}

TEST_F(CutPeriods, HoldADiscountThatRowsShareAgainstWhatIsAboveIt) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFailure(); seed += 5) run_shared_lines(seed);
  EXPECT_GT(bills_, 1'000);
}

TEST_F(CutPeriods, AreBilledByTheDifferenceOfVersionsAndPlans) {
  for (uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    const GeneratedCard card = generate_card(seed);
    if (card.text.find("  period month\n") != std::string::npos) run(seed, card.text);
  }
  fmt::print(
      "{} cards of two versions, {} of two plans, {} with a new charge, {} bills ({} with pools, "
      "{} rounded as a "
      "whole), {} stopped by a pool, {} too large; {} bounds of days, {} lines of earlier bills\n",
      cards_, cards_in_plans_, cards_with_new_charges_, bills_, bills_with_pools_,
      bills_rounded_whole_, blocked_, too_large_, bounds_of_days_, lines_of_old_bills_);
  EXPECT_GT(cards_, 75);
  EXPECT_GT(cards_in_plans_, 75);
  EXPECT_GT(cards_with_new_charges_, 60);
  EXPECT_GT(bills_, 600);
  EXPECT_GT(bills_with_pools_, 100);
  EXPECT_GT(bills_rounded_whole_, 50);
  EXPECT_GT(blocked_, 10);
  EXPECT_GT(bounds_of_days_, 50);
  EXPECT_GT(lines_of_old_bills_, 25);
  EXPECT_GT(fees_of_parts_, 50);
  EXPECT_LT(too_large_, bills_ / 10);
}

}  // namespace
}  // namespace toll::differential
