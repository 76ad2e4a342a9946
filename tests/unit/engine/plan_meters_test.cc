// Changes of plan between plans that price other meters, or price one meter in another form.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "engine/closing.h"
#include "engine/event_cost.h"
#include "engine/live_bill.h"
#include "tests/unit/engine/world.h"

namespace toll::engine {
namespace {

constexpr std::string_view kDeclared = R"(toll 1

unit call, calls
unit seat, seats
unit user, users
unit job, jobs
meter calls counts call
  from api.call
meter most peaks seat
  from seats.set
  take n
meter mean averages seat
  from seats.set
  take n
meter people counts distinct user_id
  from seen
meter jobs lists job
  from job.done
  take n
meter work sums job
  from job.done
  take n

card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
)";

std::string event_on(std::string_view type, std::string_view day, std::string_view data = "{}") {
  static int id = 0;
  return event_text({.id = std::to_string(++id),
                     .type = std::string(type),
                     .time = fmt::format("{}T12:00:00Z", day),
                     .data = std::string(data)});
}

std::string amount_event(std::string_view type, std::string_view day, int n) {
  return event_on(type, day, fmt::format(R"({{"n":{}}})", n));
}

using Changes = std::vector<std::pair<Date, std::string>>;

struct InPlans : World {
  InPlans(std::string_view plans, std::string plan, Changes changes,
          std::string_view start = "2026-01-01")
      : World({std::string(kDeclared) + std::string(plans)}) {
    subscribe("s", "api", start, {}, std::move(plan), std::move(changes));
  }
  /// "calls 2.00 base 15.00 ", or why there is no bill.
  std::string amounts(std::string_view day = "2026-03-01",
                      std::string_view as_of = kYearLater) const {
    const auto answer = bill(day, as_of);
    if (!answer) return answer.error().message;
    std::string text;
    for (const auto& line : answer->lines) text += line.path + " " + line.amount + " ";
    return text;
  }
};

Changes on_16th(std::string plan) { return {{*parse_date("2026-03-16"), std::move(plan)}}; }

constexpr std::string_view kFreeAndPaid = R"(
  plan free
    fee base at 31.00 USD per month, prorated by day

  plan paid
    charge calls
      included 1 call
      at 1.00 USD per call
)";

TEST(PlanMeters, OfTheLaterPlanAreCountedOnItsDays) {
  InPlans world(kFreeAndPaid, "free", on_16th("paid"));
  world.ingest({event_on("api.call", "2026-03-02"), event_on("api.call", "2026-03-20"),
                event_on("api.call", "2026-03-21"), event_on("api.call", "2026-04-02")});
  // What was used while nothing priced it takes nothing of the allowance.
  EXPECT_EQ(world.amounts(), "calls 1.00 base 15.00 ");
  EXPECT_EQ(world.billed("2026-03-01", kYearLater),
            world.quoted(R"({"card":"api","customer":"acme","customer_since":"2026-01-01",
      "period":{"from":"2026-03-01","until":"2026-04-01"},"plan":"free",
      "plan_changes":{"2026-03-16":"paid"},"usage":[
      {"meter":"calls","quantity":"1","from":"2026-03-01","until":"2026-03-16"},
      {"meter":"calls","quantity":"2","from":"2026-03-16","until":"2026-04-01"}]})"));
  EXPECT_EQ(world.amounts("2026-02-01"), "base 31.00 ");
  EXPECT_EQ(world.amounts("2026-04-01"), "calls 0.00 ");
}

TEST(PlanMeters, OfTheEarlierPlanCostNothingOnDaysOfTheNext) {
  InPlans world(kFreeAndPaid, "paid", on_16th("free"));
  world.ingest({event_on("api.call", "2026-03-02"), event_on("api.call", "2026-03-03"),
                event_on("api.call", "2026-03-20"), event_on("api.call", "2026-04-02")});
  EXPECT_EQ(world.amounts(), "base 16.00 calls 1.00 ");
  for (const char* day : {"2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"})
    EXPECT_TRUE(close_period(*world.cards, *world.engine, world.request(day, kYearLater))) << day;
  EXPECT_EQ(world.amounts("2026-04-01"), "base 31.00 ");
}

TEST(PlanMeters, GoOnWhereAPlanIsReturnedTo) {
  InPlans world(kFreeAndPaid, "paid",
                {{*parse_date("2026-03-10"), "free"}, {*parse_date("2026-03-20"), "paid"}});
  world.ingest({event_on("api.call", "2026-03-02"), event_on("api.call", "2026-03-12"),
                event_on("api.call", "2026-03-13"), event_on("api.call", "2026-03-25")});
  EXPECT_EQ(world.amounts(), "calls 1.00 base 10.00 ");
}

// A quarter of the subscription ends on April 10.
TEST(PlanMeters, OfAPlanThatIsLeftAfterItsQuarterAreTruedUpByIt) {
  InPlans world(R"(
  plan free
    fee base at 31.00 USD per month, prorated by day

  plan paid
    charge calls
      at 1.00 USD per call
    commit deal 300.00 USD per quarter
      counts calls
      true up every quarter
)",
                "paid", {{*parse_date("2026-04-16"), "free"}}, "2026-01-11");
  world.ingest({event_on("api.call", "2026-02-02"), event_on("api.call", "2026-04-02"),
                event_on("api.call", "2026-04-20")});
  const std::string april = "base 15.50 calls 1.00 deal 298.00 ";
  EXPECT_EQ(world.amounts("2026-04-01"), april);
  for (const char* day : {"2026-01-11", "2026-02-01", "2026-03-01", "2026-04-01"})
    EXPECT_TRUE(close_period(*world.cards, *world.engine, world.request(day, kYearLater))) << day;
  EXPECT_EQ(world.amounts("2026-04-01"), april);
  EXPECT_EQ(world.amounts("2026-05-01"), "base 31.00 ");
}

constexpr std::string_view kSeats = R"(
  plan free
    fee base at 31.00 USD per month, prorated by day

  plan most
    charge seats on most
      at 10.00 USD per seat

  plan mean
    charge seats on mean
      at 31.00 USD per seat

  plan people
    charge people
      at 2.00 USD per user
)";

// A level goes on from before the cut, and counts for the days of the plan that prices it.
TEST(PlanMeters, OfLevelsCountForTheDaysOfTheirPlan) {
  const auto amounts = [](std::string first, std::string then) {
    InPlans world(kSeats, std::move(first), on_16th(std::move(then)));
    world.ingest({amount_event("seats.set", "2026-02-01", 4)});
    return world.amounts();
  };
  EXPECT_EQ(amounts("most", "free"), "base 16.00 seats 40.00 ");
  EXPECT_EQ(amounts("free", "most"), "seats 40.00 base 15.00 ");
  EXPECT_EQ(amounts("mean", "free"), "base 16.00 seats 60.00 ");
  EXPECT_EQ(amounts("free", "mean"), "seats 64.00 base 15.00 ");
  EXPECT_EQ(amounts("most", "mean"), "seats 104.00 ");
}

TEST(PlanMeters, OfDistinctValuesAreKnownWhereOnePlanPricesThem) {
  const auto amounts = [](std::string first, std::string then) {
    InPlans world(kSeats, std::move(first), on_16th(std::move(then)));
    world.ingest({event_on("seen", "2026-03-02", R"({"user_id":"a"})"),
                  event_on("seen", "2026-03-20", R"({"user_id":"a"})"),
                  event_on("seen", "2026-03-21", R"({"user_id":"b"})")});
    return world.amounts();
  };
  EXPECT_EQ(amounts("free", "people"), "people 4.00 base 15.00 ");
  EXPECT_EQ(amounts("people", "free"), "base 16.00 people 2.00 ");
}

constexpr std::string_view kForms = R"(
  plan sum
    charge jobs
      included 5 jobs
      at 2.00 USD per job

  plan items
    charge jobs each item
      included 1 job each
      at 1.00 USD per job

  plan first
    charge jobs each item
      included 1 jobs shared
      at 1.00 USD per job

  plan daily
    charge jobs each day
      rounded up to 10 jobs
      at 1.00 USD per job
)";

// Items of 3 and 5 before the cut, and of 7 after it.
TEST(PlanMeters, AreGivenInTheFormOfEachPlan) {
  const auto amounts = [](std::string first, std::string then) {
    InPlans world(kForms, std::move(first), on_16th(std::move(then)));
    world.ingest({amount_event("job.done", "2026-03-02", 3),
                  amount_event("job.done", "2026-03-02", 5),
                  amount_event("job.done", "2026-03-20", 7)});
    return world.amounts();
  };
  EXPECT_EQ(amounts("sum", "items"), "jobs 12.00 ");    // 2 x (8 - 5), then 7 - 1
  EXPECT_EQ(amounts("sum", "first"), "jobs 13.00 ");    // 6, then 5 + 7 - 5: 3 was the first
  EXPECT_EQ(amounts("items", "sum"), "jobs 20.00 ");    // 2 + 4, then 2 x (10 - 3)
  EXPECT_EQ(amounts("sum", "daily"), "jobs 16.00 ");    // 6, then 10
  EXPECT_EQ(amounts("daily", "sum"), "jobs 24.00 ");    // 10, then 2 x (10 - 3)
  EXPECT_EQ(amounts("items", "daily"), "jobs 16.00 ");  // 6, then 10
  EXPECT_EQ(amounts("daily", "items"), "jobs 16.00 ");  // 10, then 6
}

TEST(PlanMeters, LeaveInTheStateWhatWasUsedOnDaysOfTheirPlan) {
  InPlans world(R"(
  plan free
    fee base at 31.00 USD per month, prorated by day

  plan paid
    charge calls
      included 5 calls per year
      at 1.00 USD per call
)",
                "free", on_16th("paid"));
  std::vector<std::string> events = {event_on("api.call", "2026-03-02")};
  for (const char* day : {"2026-03-20", "2026-03-21", "2026-04-02"})
    events.push_back(event_on("api.call", day));
  world.ingest(events);
  const auto usage =
      live_usage(*world.cards, *world.engine, world.request("2026-04-01", kYearLater));
  ASSERT_TRUE(usage) << usage.error().message;
  ASSERT_EQ(usage->used_to_date.size(), 1u);
  EXPECT_EQ(usage->used_to_date[0].value, (Decimal{2, 0}));
}

// Nothing is said to cost nothing because the first plan does not price it.
TEST(PlanMeters, AreNotInWhatOneEventCosts) {
  for (const auto& [first, then] : {std::pair("free", "paid"), std::pair("paid", "free")}) {
    InPlans world(kFreeAndPaid, first, on_16th(then));
    EventCosts costs(world.cards, *world.engine, "t", *parse_instant(kYearLater));
    metering::EventReader reader;
    const auto event = reader.read(event_on("api.call", "2026-03-20"));
    ASSERT_TRUE(event);
    const auto of = costs.of(*event);
    ASSERT_EQ(of.size(), 1u);
    EXPECT_TRUE(of[0].cost.lines.empty());
    EXPECT_TRUE(of[0].reason.contains("a plan")) << of[0].reason;
  }
}

// ---- generated ----

enum class Form { None, Sum, Rounded, Items, Days };
struct Priced {
  Form form = Form::None;
  int price = 0, included = 0;
};
struct Happened {
  int day = 0, n = 0;  ///< of March, from 1
};
using OfMeter = std::map<std::string, Priced>;

/// Three plans, of which each prices some of the meters in some form, and what happened in March.
class Generated {
 public:
  explicit Generated(uint32_t seed) : random_(seed) {
    for (OfMeter& plan : plans_) plan = draw_plan();
    for (uint32_t changes = 1 + below(3); changes > 0; --changes) begins_[draw(2, 31)] = below(3);
    begins_[1] = below(3);
    for (auto at = std::next(begins_.begin()); at != begins_.end();)
      at = std::prev(at)->second == at->second ? begins_.erase(at) : std::next(at);
    for (uint32_t events = below(12); events > 0; --events)
      happened_.push_back({draw(1, 31), draw(1, 9)});
    std::ranges::stable_sort(happened_, {}, &Happened::day);
  }

  bool changes() const { return begins_.size() > 1; }

  std::string text() const {
    std::string text;
    for (size_t i = 0; i < plans_.size(); ++i) {
      text += fmt::format("\n  plan p{}\n    fee base at 1.00 USD per month, not prorated\n", i);
      for (const auto& [meter, priced] : plans_[i]) text += charge(meter, priced);
    }
    return text;
  }

  InPlans world() const {
    Changes changes;
    for (const auto& [day, plan] : begins_)
      if (day > 1) changes.emplace_back(date(day), name(plan));
    InPlans world(text(), name(begins_.at(1)), changes);
    std::vector<std::string> events;
    for (const Happened& one : happened_)
      for (const char* type : {"job.done", "api.call"})
        events.push_back(amount_event(type, toll::to_string(date(one.day)), one.n));
    world.ingest(events);
    return world;
  }

  /// What the charge of a meter comes to: of each part all that was used of it on days that price
  /// it, less what was so before.
  int expected(const std::string& meter) const {
    int sum = 0;
    std::vector<Happened> used;
    for (auto part = begins_.begin(); part != begins_.end(); ++part) {
      const Priced priced = of(part->second, meter);
      if (priced.form == Form::None) continue;
      sum -= cost(priced, used);
      for (const Happened& one : happened_)
        if (one.day >= part->first && one.day < until(part))
          used.push_back({one.day, meter == "calls" ? 1 : one.n});
      sum += cost(priced, used);
    }
    return sum;
  }

  /// The usage of each part in the form of its plan; what a plan does not price as a sum.
  std::string document() const {
    std::string usage, changes;
    for (auto part = begins_.begin(); part != begins_.end(); ++part) {
      if (part->first > 1)
        changes += fmt::format(R"({}"{}":"{}")", changes.empty() ? "" : ",",
                               toll::to_string(date(part->first)), name(part->second));
      for (const char* meter : kMeters)
        if (is_priced(meter))
          usage += (usage.empty() ? "" : ",") +
                   entry(meter, part->first, until(part), of(part->second, meter).form);
    }
    return fmt::format(
        R"({{"card":"api","customer":"acme","customer_since":"2026-01-01","plan":"{}",)"
        R"("period":{{"from":"2026-03-01","until":"2026-04-01"}},)"
        R"("plan_changes":{{{}}},"usage":[{}]}})",
        name(begins_.at(1)), changes, usage);
  }

  static constexpr std::array kMeters = {"calls", "jobs", "work"};

 private:
  using Begins = std::map<int, uint32_t>;

  uint32_t below(uint32_t bound) { return std::uniform_int_distribution(0u, bound - 1)(random_); }
  int draw(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  static Date date(int day) { return *parse_date("2026-03-01") + std::chrono::days(day - 1); }
  static std::string name(uint32_t plan) { return fmt::format("p{}", plan); }

  OfMeter draw_plan() {
    OfMeter plan;
    for (const std::string meter : kMeters) {
      std::vector<Form> forms = {Form::None, Form::None, Form::Sum, Form::Rounded, Form::Days};
      if (meter == "jobs") forms.push_back(Form::Items);
      if (meter == "jobs") forms.push_back(Form::Items);
      const Form form = forms[below(static_cast<uint32_t>(forms.size()))];
      if (form != Form::None) plan[meter] = {form, draw(1, 9), draw(1, 6)};
    }
    return plan;
  }

  static std::string charge(const std::string& meter, const Priced& priced) {
    const char* const unit = meter == "calls" ? "call" : "job";
    const char* const each = priced.form == Form::Items  ? " each item"
                             : priced.form == Form::Days ? " each day"
                                                         : "";
    const std::string line =
        priced.form == Form::Sum       ? fmt::format("included {} {}s", priced.included, unit)
        : priced.form == Form::Rounded ? fmt::format("rounded up to {} {}s", priced.included, unit)
                                       : fmt::format("included {} {}s each", priced.included, unit);
    return fmt::format("    charge {}{}\n      {}\n      at {}.00 USD per {}\n", meter, each, line,
                       priced.price, unit);
  }

  int until(Begins::const_iterator part) const {
    return std::next(part) == begins_.end() ? 32 : std::next(part)->first;
  }

  Priced of(uint32_t plan, const std::string& meter) const {
    const auto found = plans_[plan].find(meter);
    return found == plans_[plan].end() ? Priced{} : found->second;
  }

  bool is_priced(const std::string& meter) const {
    return std::ranges::any_of(
        begins_, [&](const auto& part) { return of(part.second, meter).form != Form::None; });
  }

  static int cost(const Priced& priced, const std::vector<Happened>& used) {
    int sum = 0, all = 0;
    std::map<int, int> days;
    for (const Happened& one : used) {
      all += one.n;
      days[one.day] += one.n;
      if (priced.form == Form::Items) sum += std::max(0, one.n - priced.included);
    }
    if (priced.form == Form::Sum) sum = std::max(0, all - priced.included);
    if (priced.form == Form::Rounded)
      sum = (all + priced.included - 1) / priced.included * priced.included;
    if (priced.form == Form::Days)
      for (const auto& [day, n] : days) sum += std::max(0, n - priced.included);
    return sum * priced.price;
  }

  std::string entry(const std::string& meter, int from, int until, Form form) const {
    int sum = 0;
    std::map<int, int> days;
    std::string items, by_day;
    for (const Happened& one : happened_) {
      if (one.day < from || one.day >= until) continue;
      const int n = meter == "calls" ? 1 : one.n;
      sum += n;
      days[one.day] += n;
      items += fmt::format(R"({}"{}")", items.empty() ? "" : ",", n);
    }
    for (const auto& [day, n] : days)
      by_day +=
          fmt::format(R"({}"{}":"{}")", by_day.empty() ? "" : ",", toll::to_string(date(day)), n);
    if (form == Form::Days) return fmt::format(R"({{"meter":"{}","days":{{{}}}}})", meter, by_day);
    const std::string given = form == Form::Items ? fmt::format(R"("items":[{}])", items)
                                                  : fmt::format(R"("quantity":"{}")", sum);
    return fmt::format(R"({{"meter":"{}",{},"from":"{}","until":"{}"}})", meter, given,
                       toll::to_string(date(from)), toll::to_string(date(until)));
  }

  std::mt19937 random_;
  std::array<OfMeter, 3> plans_;
  Begins begins_;  // by the first day the plan of a part
  std::vector<Happened> happened_;
};

std::map<std::string, std::string> amounts_of(const runtime::Answer& answer) {
  std::map<std::string, std::string> amounts{{"total", answer.total}};
  for (const runtime::AnswerLine& line : answer.lines)
    if (line.amount != "0.00") amounts[line.path] = line.amount;
  return amounts;
}

TEST(PlanMeters, BillWhatEachPlanPricesOnItsDays) {
  int bills = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    const Generated drawn(seed);
    if (!drawn.changes()) continue;
    ++bills;
    SCOPED_TRACE(fmt::format("seed {}\n{}\n{}", seed, drawn.text(), drawn.document()));
    const InPlans world = drawn.world();
    const auto live = world.bill("2026-03-01", kYearLater);
    ASSERT_TRUE(live) << live.error().message;
    std::map<std::string, std::string> expected{{"base", "1.00"}};
    int total = 1;
    for (const char* meter : Generated::kMeters) {
      const int comes_to = drawn.expected(meter);
      total += comes_to;
      if (comes_to != 0) expected[meter] = fmt::format("{}.00", comes_to);
    }
    expected["total"] = fmt::format("{}.00", total);
    EXPECT_EQ(amounts_of(*live), expected);
    const auto read = wire::read_usage(drawn.document());
    ASSERT_TRUE(read) << read.error().front().message;
    const auto quoted = runtime::quote(*world.cards, *read);
    ASSERT_TRUE(quoted) << quoted.error().faults.front().message;
    EXPECT_EQ(amounts_of(*quoted), expected);
    if (HasFailure()) return;
  }
  EXPECT_GT(bills, 30);
}

}  // namespace
}  // namespace toll::engine
