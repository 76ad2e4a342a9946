// Quotes of cards with pools: grants of documents and of cards, periods that grants cut, what is
// left.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <random>
#include <set>

#include "runtime/examples.h"
#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/pool_usage.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime::pools {
namespace {

std::string card_text(const std::string& pools,
                      const std::string& rows = "    at 1 credit per call\n",
                      const std::string& period = "month") {
  return "toll 1\nunit call, calls\nunit credit, credits\nmeter calls sums call\n"
         "meter gib sums GB\n"
         "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period " +
         period +
         "\n  round each line half-up\n"
         "  charge calls \"Calls\"\n" +
         rows + "  charge gib\n    at 1.00 USD per GB\n" + pools;
}

const std::string kFlex =
    "  pool flex \"Flex\" in credit, credits\n    spend soonest-expiring first\n"
    "    beyond at 0.10 USD per credit\n";

/// "path amount currency" per line.
Texts lines(const Answer& answer) {
  Texts result;
  for (const AnswerLine& line : answer.lines)
    result.push_back(line.path + " " + line.amount + " " + line.currency.value_or("USD"));
  return result;
}

/// "pool quantity expires" per grant that goes on.
Texts going_on(const Answer& answer) {
  Texts result;
  for (const GrantLeft& grant : answer.next_state.grants)
    result.push_back(grant.pool + " " + grant.quantity + " " +
                     (grant.expires ? to_string(*grant.expires) : "never") +
                     (grant.recurring ? " recurring" : ""));
  return result;
}

TEST(PoolQuote, ShowsCreditsAndWhatIsLeft) {
  const CardSet cards = testing::card_set({card_text(kFlex)});
  UsageDocument asked = document();
  asked.usage = {calls("130.5")};
  asked.grants = {grant("100", "2027-01-01"), grant("20")};
  const Answer answer = explain(cards, asked).value();
  EXPECT_EQ(lines(answer), (Texts{"calls 130.5 credit", "gib 0.00 USD", "flex/beyond 1.05 USD"}));
  EXPECT_EQ(answer.total, "1.05");
  EXPECT_EQ(answer.lines[2].quantity, "10.5");
  EXPECT_EQ(answer.lines[2].unit, "credit");
  EXPECT_EQ(answer.lines[2].label, "Flex, beyond");
  ASSERT_EQ(answer.remaining.size(), 1u);
  EXPECT_EQ(answer.remaining[0], (std::pair<std::string, std::string>("flex", "0")));
  Texts steps;
  for (const Step& step : answer.lines[2].steps) steps.push_back(step.text);
  EXPECT_EQ(steps, (Texts{"130.5 credits used", "flex, expiring 2027-01-01 pays 100 of 100 credits",
                          "flex pays 20 of 20 credits",
                          "10.5 credits, beyond at 0.10 USD per credit = 1.05"}));
}

TEST(PoolQuote, SpendsByTheOrderThatTheCardSays) {
  for (const auto& [order, kept] :
       {std::pair{"soonest-expiring", Texts{"flex 50 never", "flex 60 2027-06-01"}},
        std::pair{"oldest", Texts{"flex 10 never", "flex 100 2027-06-01"}}}) {
    const CardSet cards =
        testing::card_set({card_text("  pool flex in credit\n    spend " + std::string(order) +
                                     " first\n    beyond blocked\n")});
    UsageDocument asked = document();
    asked.usage = {calls("40")};
    asked.grants = {grant("50"), grant("100", "2027-06-01")};
    EXPECT_EQ(going_on(quote(cards, asked).value()), kept) << order;
  }
}

// Whatever of them was bought, what the card gives by itself, and where they stand in the document.
TEST(PoolQuote, SpendsTheOlderGrantFirst) {
  for (const auto& [lines, kept] : {
           std::pair{
               "grant 100 credits every month, expires after 3 months\n    spend oldest first",
               Texts{"flex 60 2026-06-01 recurring", "flex 50 never", "flex 10 never"}},
           std::pair{"grant 100 credits every month\n    rollover up to 100 credits\n"
                     "    spend soonest-expiring first",
                     Texts{"flex 60 never recurring", "flex 50 never", "flex 10 never"}},
       }) {
    const CardSet cards = testing::card_set(
        {card_text(fmt::format("  pool flex in credit\n    {}\n    beyond blocked\n", lines))});
    UsageDocument asked = document();
    asked.usage = {calls("40", "2026-03-20", "2026-04-01")};
    asked.grants = {grant("10", nullptr, "2026-03-17"), grant("50", nullptr, "2026-03-10")};
    EXPECT_EQ(going_on(quote(cards, asked).value()), kept) << lines;
  }
}

TEST(PoolQuote, GrantsOfTheCardComeByThemselves) {
  const CardSet cards =
      testing::card_set({card_text("  pool flex in credit\n    grant 50 credits every month\n"
                                   "    beyond at 0.10 USD per credit\n")});
  UsageDocument asked = document();
  asked.usage = {calls("30")};
  Answer answer = quote(cards, asked).value();
  EXPECT_EQ(answer.total, "0.00");
  EXPECT_EQ(answer.remaining[0].second, "20");
  EXPECT_EQ(going_on(answer), Texts{});  // it ends with the month
  // One comes also where only a part of the month is covered.
  asked.period = Period{*parse_date("2026-03-20"), *parse_date("2026-04-01")};
  asked.on.reset();
  EXPECT_EQ(quote(cards, asked).value().remaining[0].second, "20");
}

TEST(PoolQuote, OfAnIntervalThatBeganBeforeTheStateSaysWhatIsLeft) {
  const auto text = [](const std::string& pool) {
    return card_text("  pool " + pool +
                     " in credit\n    grant 100 credits every month, expires after 3 months\n"
                     "    spend oldest first\n    beyond at 0.10 USD per credit\n");
  };
  const CardSet cards = testing::card_set({text("flex")});
  UsageDocument asked = document();
  asked.on.reset();
  asked.customer_since = parse_date("2026-01-01");
  asked.period = Period{*parse_date("2026-03-01"), *parse_date("2026-03-12")};
  asked.usage = {calls("40")};
  const Answer first = quote(cards, asked).value();
  ASSERT_EQ(going_on(first), Texts{"flex 60 2026-06-01 recurring"});
  asked.period = Period{*parse_date("2026-03-12"), *parse_date("2026-04-01")};
  asked.usage = {calls("10")};
  EXPECT_EQ(quote(cards, asked).value().remaining[0].second, "0") << "nothing was left";
  asked.grants = {grant("60", "2026-06-01")};
  asked.grants[0].recurring = true;
  EXPECT_EQ(going_on(quote(cards, asked).value()), Texts{"flex 50 2026-06-01 recurring"});
  asked.customer_since.reset();
  EXPECT_EQ(going_on(quote(cards, asked).value()), Texts{"flex 50 2026-06-01 recurring"});
  // Whoever came inside the month was given its grant on that day, and no other one since.
  asked.customer_since = parse_date("2026-03-05");
  EXPECT_EQ(going_on(quote(cards, asked).value()), Texts{"flex 50 2026-06-01 recurring"});
  asked.grants.clear();
  asked.customer_since = parse_date("2026-03-12");
  EXPECT_EQ(going_on(quote(cards, asked).value()), Texts{"flex 90 2026-06-12 recurring"});
  // A pool that begins with these days has given nothing before.
  asked.customer_since = parse_date("2026-01-01");
  std::string later = text("flex");
  later.replace(later.find("  from 2026-01-01\n"), 18, "  from 2026-03-12\n  switch at once\n");
  EXPECT_EQ(going_on(quote(testing::card_set({later}), asked).value()),
            Texts{"flex 90 2026-06-12 recurring"});
  later.replace(0, later.find("card c"), "toll 1\n");
  EXPECT_EQ(going_on(quote(testing::card_set({text("spare"), later}), asked).value()),
            Texts{"flex 90 2026-06-12 recurring"});
  EXPECT_EQ(quote(testing::card_set({text("flex"), later}), asked).value().remaining[0].second,
            "0");
}

TEST(PoolQuote, RollsOverWhatTheCardLetsGoOn) {
  const CardSet cards = testing::card_set(
      {card_text("  pool flex in credit\n    grant 50 credits every month\n"
                 "    rollover up to 60 credits\n    beyond at 0.10 USD per credit\n")});
  UsageDocument asked = document();
  asked.usage = {calls("10")};
  Answer answer = quote(cards, asked).value();
  EXPECT_EQ(going_on(answer), Texts{"flex 40 never recurring"});
  asked.grants = {grant("40"), grant("500")};
  asked.grants[0].recurring = true;
  answer = quote(cards, asked).value();
  // 30 and 50 of the card's own are left, of which 60 go on; what was bought is not cut.
  EXPECT_EQ(answer.remaining[0].second, "580");
  EXPECT_EQ(going_on(answer),
            (Texts{"flex 10 never recurring", "flex 500 never", "flex 50 never recurring"}));
}

TEST(PoolQuote, LongerGrantsComeOnceAndWithTheCustomer) {
  const CardSet cards =
      testing::card_set({card_text("  pool flex in credit\n    grant 50 credits every year\n"
                                   "    beyond at 0.10 USD per credit\n")});
  UsageDocument asked = document("2026-01-15");
  EXPECT_EQ(going_on(quote(cards, asked).value()), Texts{"flex 50 2027-01-01 recurring"});
  asked.on = parse_date("2026-03-15");
  EXPECT_EQ(going_on(quote(cards, asked).value()), Texts{});
  asked.customer_since = parse_date("2026-03-01");
  EXPECT_EQ(going_on(quote(cards, asked).value()), Texts{"flex 50 2027-01-01 recurring"});
}

TEST(PoolQuote, GrantsPayOnlyWhatIsUsedWhileTheyAreThere) {
  const CardSet cards = testing::card_set({card_text(kFlex)});
  UsageDocument asked = document();
  asked.grants = {grant("100", "2026-03-10"), grant("100", nullptr, "2026-03-20")};
  asked.usage = {calls("30", "2026-03-01", "2026-03-10"), calls("40", "2026-03-10", "2026-03-20"),
                 calls("150", "2026-03-20")};
  const Answer answer = explain(cards, asked).value();
  // 30 of the first; 40 beyond; 100 of the second and 50 beyond.
  EXPECT_EQ(lines(answer), (Texts{"calls 220 credit", "gib 0.00 USD", "flex/beyond 9.00 USD"}));
  EXPECT_EQ(answer.remaining[0].second, "0");
  EXPECT_EQ(lines(quote(cards, asked).value()), lines(answer));
}

TEST(PoolQuote, GrantsInDecimalsPayWhatTheyHaveWherePeriodsAreCut) {
  const CardSet cards = testing::card_set({card_text(kFlex)});
  UsageDocument asked = document();
  asked.grants = {grant("55.5", nullptr, "2026-03-10")};
  asked.usage = {calls("80", "2026-03-10")};
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(lines(answer), (Texts{"calls 80 credit", "gib 0.00 USD", "flex/beyond 2.45 USD"}));
  EXPECT_EQ(answer.remaining[0].second, "0");
}

/// A day of March from 1 on, or the next one beyond it.
std::string march_day(int day) {
  return day > 31 ? fmt::format("2026-04-{:02}", day - 31) : fmt::format("2026-03-{:02}", day);
}

/// What grants pay of usage in each segment, worked out in hundredths of a credit.
TEST(PoolQuote, GrantsOfAnySizePayWhatAWalkOverTheDaysPays) {
  struct Drawn {
    int quantity, from, expires;  // 0: neither begins nor ends
  };
  const CardSet cards = testing::card_set({card_text(kFlex)});
  std::mt19937 random(1);
  const auto below = [&](int bound) { return static_cast<int>(random() % unsigned(bound)); };
  const auto hundredths = [](int value) {
    return fmt::format("{}.{:02}", value / 100, value % 100);
  };
  int cut = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<Drawn> drawn(static_cast<size_t>(1 + below(3)));
    std::set<int> begins{1};
    UsageDocument asked;
    asked.card = "c";
    asked.period = Period{*parse_date("2026-03-01"), *parse_date("2026-04-01")};
    for (Drawn& one : drawn) {
      // Few of them need two places, so that what is used needs fewer than what is granted.
      one = {.quantity = (1 + below(9'999)) * (below(2) == 0 ? 1 : 50), .from = 0, .expires = 0};
      if (below(2) == 0) one.from = 2 + below(29);
      if (below(2) == 0) one.expires = std::max(one.from, 1) + 1 + below(20);
      if (one.from > 0) begins.insert(one.from);
      if (one.expires > 0 && one.expires <= 31) begins.insert(one.expires);
      asked.grants.push_back(grant(hundredths(one.quantity).c_str(),
                                   one.expires > 0 ? march_day(one.expires).c_str() : nullptr,
                                   one.from > 0 ? march_day(one.from).c_str() : nullptr));
    }
    std::vector<Drawn*> order;
    for (Drawn& one : drawn) order.push_back(&one);
    std::ranges::stable_sort(order, {}, [](const Drawn* one) {
      return one->expires == 0 ? std::numeric_limits<int>::max() : one->expires;
    });
    int beyond = 0;
    for (auto begin = begins.begin(); begin != begins.end(); ++begin) {
      const int until = std::next(begin) == begins.end() ? 32 : *std::next(begin);
      int open = below(200) * (below(2) == 0 ? 100 : 1'000);
      asked.usage.push_back(
          calls(hundredths(open).c_str(), march_day(*begin).c_str(), march_day(until).c_str()));
      for (Drawn* one : order) {
        if (*begin < one->from || (one->expires > 0 && one->expires <= *begin)) continue;
        const int paid = std::min(open, one->quantity);
        one->quantity -= paid;
        open -= paid;
      }
      beyond += open;
    }
    cut += begins.size() > 1;
    const Answer answer = quote(cards, asked).value();
    const int cents = (beyond + 5) / 10;  // at 0.10 USD per credit
    EXPECT_EQ(answer.total, hundredths(cents)) << "round " << round;
    EXPECT_FALSE(answer.remaining[0].second.starts_with('-')) << "round " << round;
  }
  EXPECT_GT(cut, 200);
}

TEST(PoolQuote, AsksWhenUsageWasWhereThatMatters) {
  const CardSet cards = testing::card_set({card_text(kFlex)});
  UsageDocument asked = document();
  asked.grants = {grant("100", "2026-03-10")};
  asked.usage = {calls("30")};
  const auto answer = quote(cards, asked);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().faults.front().pointer, "/usage/0");
  EXPECT_EQ(answer.error().faults.front().message,
            "a grant of credits begins or ends on 2026-03-10, so it matters when `calls` was used: "
            "split the entry there, with `from` and `until`");
  asked.usage[0].meter = "gib";  // in money it does not
  EXPECT_TRUE(quote(cards, asked));
}

TEST(PoolQuote, TiersGoOnOverACut) {
  const CardSet cards =
      testing::card_set({card_text(kFlex,
                                   "    tiers graduated\n    up to 10 calls at 1 credit per call\n"
                                   "    beyond at 5 credits per call\n    minimum 100 credits\n")});
  UsageDocument asked = document();
  asked.grants = {grant("1000", "2026-03-10"), grant("7", nullptr, "2026-03-10")};
  asked.usage = {calls("12", "2026-03-01", "2026-03-10"), calls("3", "2026-03-10")};
  // 10 + 2 x 5 = 20 of the first; then 3 x 5 = 15 and 65 up to the minimum, of which 7 are paid.
  EXPECT_EQ(lines(quote(cards, asked).value())[2], "flex/beyond 7.30 USD");
  asked.final = false;
  const Answer open = quote(cards, asked).value();
  EXPECT_EQ(lines(open)[2], "flex/beyond 0.80 USD");
  ASSERT_EQ(open.due_at_close.size(), 2u);
  EXPECT_EQ(open.due_at_close[0].amount, "65");
  EXPECT_EQ(open.due_at_close[0].currency, "credit");
  EXPECT_EQ(open.due_at_close[1].amount, "6.50");
  EXPECT_EQ(explain(cards, asked).value().lines[2].steps.at(0).text, "35 credits used");
}

TEST(PoolQuote, PoolsInMoneyPayTheBill) {
  const CardSet cards = testing::card_set(
      {card_text(kFlex + "  pool promo \"Promotion\" in USD\n    spend soonest-expiring first\n")});
  UsageDocument asked = document();
  asked.usage = {calls("100")};
  asked.grants = {grant("4.00", "2026-03-20", nullptr, "promo"),
                  grant("3.00", "2026-05-01", nullptr, "promo"),
                  grant("30.00", nullptr, nullptr, "promo")};
  const Answer answer = quote(cards, asked).value();
  EXPECT_EQ(lines(answer), (Texts{"calls 100 credit", "gib 0.00 USD", "flex/beyond 10.00 USD",
                                  "promo -10.00 USD"}));
  EXPECT_EQ(answer.total, "0.00");
  // The one that ends on the 20th is not there when the bill arises.
  EXPECT_EQ(answer.remaining[1].second, "23.00");
  EXPECT_EQ(going_on(answer), Texts{"promo 23.00 never"});
}

TEST(PoolQuote, RefusesUsageBeyondAPoolThatBlocks) {
  const CardSet cards =
      testing::card_set({card_text("  pool flex in credit\n    beyond blocked\n")});
  UsageDocument asked = document();
  asked.usage = {calls("11")};
  asked.grants = {grant("10")};
  const auto answer = quote(cards, asked);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().faults.front().message,
            "the grants of `flex` do not pay for all usage, and `beyond blocked` (card0.toll:16) "
            "stops what is beyond them");
  asked.grants = {grant("10"), grant("1")};
  EXPECT_TRUE(quote(cards, asked));
}

TEST(PoolQuote, RefusesGrantsThatFitNoPool) {
  const CardSet cards = testing::card_set({card_text(kFlex + "  pool promo in USD\n")});
  UsageDocument asked = document();
  asked.grants = {grant("1", nullptr, nullptr, "flexx"), grant("0.001", nullptr, nullptr, "promo"),
                  grant("1", "2026-03-01", "2026-03-02")};
  EXPECT_EQ(faults(cards, asked),
            (Texts{"/state/grants/0/pool: card `c` has no pool `flexx`",
                   "/state/grants/1/quantity: `0.001` is no amount of USD",
                   "/state/grants/2/expires: the grant ends before it begins, on "
                   "2026-03-02"}));
}

/// "pointer: message" of each fault of a document with these grants.
Texts faults_of(const CardSet& cards, std::vector<Grant> grants, UsageDocument asked = document()) {
  asked.grants = std::move(grants);
  return faults(cards, asked);
}

Grant recurring(const char* quantity) {
  Grant left = grant(quantity);
  left.recurring = true;
  return left;
}

std::string monthly(const std::string& lines) {
  return card_text("  pool flex in credit\n    grant 500 credits every month\n" + lines +
                   "    beyond at 0.10 USD per credit\n");
}

TEST(PoolQuote, RefusesGrantsThatAreGoneBeforeThePeriod) {
  const CardSet cards = testing::card_set({card_text(kFlex)});
  for (const char* day : {"2026-02-28", "2026-03-01"})
    EXPECT_EQ(faults_of(cards, {grant("1"), grant("1", day)}),
              Texts{"/state/grants/1/expires: the grant is gone on " + std::string(day) +
                    ", and the period begins on 2026-03-01: nothing of it is left"});
  EXPECT_EQ(faults_of(cards, {grant("1", "2026-03-02")}), Texts{});
}

TEST(PoolQuote, RefusesMoreThanGrantLinesCanLeave) {
  const CardSet cards = testing::card_set({monthly("    rollover up to 800 credits\n")});
  EXPECT_EQ(faults_of(cards, {recurring("500"), recurring("300"), grant("9000")}), Texts{});
  EXPECT_EQ(faults_of(cards, {recurring("500.01")}),
            Texts{"/state/grants/0/quantity: a `grant` line of `flex` leaves at most what it "
                  "grants, 500 credits"});
  EXPECT_EQ(faults_of(cards, {recurring("500"), recurring("300.01")}),
            Texts{"/state/grants: what `grant` lines of `flex` have left is 800.01 credits, and "
                  "`rollover` lets at most 800 credits go on into the interval that begins on "
                  "2026-03-01"});
  // Inside the interval its own grant may be left, too.
  UsageDocument part = document();
  part.on.reset();
  part.period = Period{*parse_date("2026-03-10"), *parse_date("2026-03-20")};
  EXPECT_EQ(faults_of(cards, {recurring("500"), recurring("500"), recurring("300")}, part),
            Texts{});
  EXPECT_EQ(
      faults_of(cards, {recurring("500"), recurring("500"), recurring("301")}, part),
      Texts{"/state/grants: what `grant` lines of `flex` have left is 1,301 credits, and with "
            "`rollover` and the grants since then it is at most 1,300 credits"});
}

TEST(PoolQuote, RefusesWhatNoGrantLineCanHaveLeft) {
  EXPECT_EQ(faults_of(testing::card_set({card_text(kFlex)}), {recurring("1")}),
            Texts{"/state/grants/0/recurring: pool `flex` has no `grant` line that left it"});
  const CardSet cards = testing::card_set({monthly("    rollover up to 800 credits\n")});
  UsageDocument asked = document();
  asked.customer_since = parse_date("2026-03-01");
  EXPECT_EQ(faults_of(cards, {recurring("1")}, asked),
            Texts{"/state/grants/0/recurring: it was no customer before 2026-03-01, so no `grant` "
                  "line has left anything"});
  EXPECT_EQ(faults_of(cards, {grant("1")}, asked), Texts{});  // a welcome gift
  asked.customer_since = parse_date("2026-02-28");
  EXPECT_EQ(faults_of(cards, {recurring("1")}, asked), Texts{});
}

TEST(PoolQuote, WhatAnotherVersionLeftIsNotHeldAgainstThisOne) {
  std::string poor = monthly("    rollover up to 10 credits\n");
  poor.replace(poor.find("from 2026-01-01"), 15, "from 2026-03-01");
  const CardSet cards = testing::card_set({monthly("    rollover up to 800 credits\n"), poor});
  EXPECT_EQ(faults_of(cards, {recurring("500")}), Texts{});
  EXPECT_EQ(faults_of(cards, {recurring("500")}, document("2026-04-15")).size(), 1u);
}

// Grants that outlast the version that gave them are there in each of its successor's periods.
TEST(PoolQuote, WhatAnEarlierVersionLeftIsThereInLaterPeriodsToo) {
  std::string rich = monthly("");
  rich.replace(rich.find("500 credits every month"), 23,
               "900 credits every month, expires after 6 months");
  rich.insert(rich.find("    beyond"), "    spend soonest-expiring first\n");
  std::string poor = monthly("    rollover up to 10 credits\n");
  poor.replace(poor.find("from 2026-01-01"), 15, "from 2026-03-01");
  poor.replace(poor.find("500 credits"), 11, "5 credits");
  const CardSet cards = testing::card_set({rich, poor});
  const auto on = [](const char* day, const char* since) {
    UsageDocument asked = document(day);
    if (since) asked.customer_since = parse_date(since);
    return asked;
  };
  EXPECT_EQ(faults_of(cards, {recurring("10")}, on("2026-04-15", nullptr)), Texts{});
  EXPECT_EQ(faults_of(cards, {recurring("11")}, on("2026-04-15", nullptr)),
            Texts{"/state/grants: what `grant` lines of `flex` have left is 11 credits, and "
                  "`rollover` lets at most 10 credits go on into the interval that begins on "
                  "2026-04-01"});
  EXPECT_EQ(faults_of(cards, {recurring("901")}, on("2026-04-15", nullptr)),
            Texts{"/state/grants/0/quantity: a `grant` line of `flex` leaves at most what it "
                  "grants, 900 credits"});
  // Without a rollover nothing cuts them.
  poor.erase(poor.find("    rollover"), 30);
  const CardSet lasting = testing::card_set({rich, poor});
  EXPECT_EQ(faults_of(lasting, {recurring("900"), recurring("800")}, on("2026-04-15", nullptr)),
            Texts{});
  EXPECT_EQ(faults_of(lasting, {recurring("901")}, on("2026-04-15", nullptr)).size(), 1u);
  // Whose version before is gone, or was in a pool that the version has no lines of any more.
  const CardSet alone = testing::card_set({poor});
  EXPECT_EQ(faults_of(alone, {recurring("900")}, on("2026-04-15", "2026-01-01")), Texts{});
  EXPECT_EQ(faults_of(alone, {recurring("900")}, on("2026-04-15", "2026-03-01")).size(), 1u);
  std::string none = card_text(kFlex);
  none.replace(none.find("from 2026-01-01"), 15, "from 2026-03-01");
  EXPECT_EQ(faults_of(testing::card_set({rich, none}), {recurring("900")},
                      on("2026-04-15", "2026-01-01")),
            Texts{});
}

TEST(PoolQuote, ADealHasWhatItsCardGrantedBefore) {
  std::string rich = monthly("");
  rich.replace(rich.find("500 credits every month"), 23,
               "900 credits every month, expires after 6 months");
  rich.insert(rich.find("    beyond"), "    spend soonest-expiring first\n");
  const CardSet cards =
      testing::card_set({rich,
                         "toll 1\ncard c_acme extends c\n  for customer acme\n  from "
                         "2026-03-01\n  bill discount 10%\n"});
  UsageDocument asked = document("2026-05-15");
  asked.customer = "acme";
  EXPECT_EQ(faults_of(cards, {recurring("900")}, asked), Texts{});
}

// A plan may let more go on than another one, and another may grant more.
TEST(PoolQuote, WhatOnePlanLetGoOnIsBesideWhatAnotherGrants) {
  const auto plan = [](const char* name, const char* grant, const char* rollover) {
    return fmt::format(
        "  plan {}\n    pool flex in credit\n      grant {} credits every quarter\n"
        "      rollover up to {} credits\n      beyond at 0.10 USD per credit\n",
        name, grant, rollover);
  };
  const CardSet cards =
      testing::card_set({card_text(plan("small", "100", "400") + plan("large", "500", "10"))});
  UsageDocument asked = document("2026-05-15");
  asked.plan = "large";
  EXPECT_EQ(faults_of(cards, {recurring("400"), recurring("500")}, asked), Texts{});
  EXPECT_EQ(faults_of(cards, {recurring("401"), recurring("500")}, asked).size(), 1u);
}

TEST(PoolQuote, WhatWasBoughtWaitsForItsPlan) {
  const CardSet cards = testing::card_set(
      {card_text("  plan pooled\n    pool purse \"Purse\" in USD\n  plan plain\n    fee base at "
                 "1.00 USD per month, not prorated\n",
                 "    at 1.00 USD per call\n")});
  UsageDocument asked = document();
  asked.plan = "plain";
  asked.grants = {grant("5.00", "2026-09-01", nullptr, "purse"),
                  grant("2.50", "2026-04-01", nullptr, "purse"),
                  grant("7.00", nullptr, "2026-04-10", "purse")};
  const auto answer = quote(cards, asked);
  ASSERT_TRUE(answer) << answer.error().faults.front().message;
  EXPECT_EQ(answer->total, "1.00");
  EXPECT_EQ(going_on(*answer), (Texts{"purse 5 2026-09-01", "purse 7 never"}));
  EXPECT_EQ(answer->next_state.grants.at(1).from, parse_date("2026-04-10"));
  // What a plan gave is not, and neither is what is gone, or in no plan.
  const auto fault = [&](Grant given) {
    asked.grants = {grant("1.00", nullptr, nullptr, "purse"), std::move(given)};
    const auto refused = quote(cards, asked);
    return refused ? "answered" : refused.error().faults.front().pointer;
  };
  Grant by_itself = grant("5.00", nullptr, nullptr, "purse");
  by_itself.recurring = true;
  EXPECT_EQ(fault(by_itself), "/state/grants/1/pool");
  EXPECT_EQ(fault(grant("5.00", nullptr, nullptr, "purze")), "/state/grants/1/pool");
  EXPECT_EQ(fault(grant("5.00", "2026-03-01", nullptr, "purse")), "/state/grants/1/expires");
  EXPECT_EQ(fault(grant("5.001", nullptr, nullptr, "purse")), "/state/grants/1/quantity");
  EXPECT_EQ(fault(grant("5.00", nullptr, nullptr, "purse")), "answered");
}

TEST(PoolQuote, WhatIsLeftCanBeCarriedOn) {
  const CardSet cards = testing::card_set({monthly("    rollover up to 700 credits\n")});
  UsageDocument asked = document("2026-01-15");
  for (const char* month : {"2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15"}) {
    asked.on = parse_date(month);
    asked.usage = {calls("33.3")};
    const auto answer = quote(cards, asked);
    ASSERT_TRUE(answer) << month << ": " << answer.error().faults.front().message;
    asked.grants.clear();
    for (const GrantLeft& left : answer->next_state.grants) {
      asked.grants.push_back(grant(left.quantity.c_str()));
      asked.grants.back().recurring = left.recurring;
    }
  }
  EXPECT_EQ(asked.grants.size(), 2u);
}

TEST(PoolExamples, CompareCreditsAndWhatIsLeft) {
  const auto revision = testing::revision(testing::lowered_card(
      card_text(kFlex + "  example \"E\" in 2026-03\n    granted 10 credits, expiring 2026-03-10\n"
                        "    granted 5 credits\n    use calls 12 calls from 2026-03-05 until "
                        "2026-03-09\n    use calls 2 calls from 2026-03-10\n"
                        "    expect calls 15 credits\n    expect flex 0 credits left\n"
                        "    expect flex/beyond 0.00 USD\n")));
  const ExampleResult result = run_example(revision, revision->card().examples.front());
  EXPECT_EQ(result.fault, "");
  ASSERT_EQ(result.mismatches.size(), 2u);
  EXPECT_EQ(result.mismatches[0].path, "calls");
  EXPECT_EQ(result.mismatches[0].unit, "credits");
  EXPECT_EQ(result.mismatches[0].got, Ratio(14));
  EXPECT_TRUE(result.mismatches[1].left);
  EXPECT_EQ(result.mismatches[1].got, Ratio(1));
}

}  // namespace
}  // namespace toll::runtime::pools
