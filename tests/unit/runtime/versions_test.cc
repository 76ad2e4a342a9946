// Which version or deal a customer has on a day.
#include <gtest/gtest.h>

#include "runtime/loader.h"
#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/support/scratch_folder.h"

namespace toll::runtime {
namespace {

const std::string kDeclarations = "toll 1\nunit call, calls\nmeter calls counts call\n";
const std::string kBase = kDeclarations +
                          "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
                          "  round each line half-up\n"
                          "  fee base at 10.00 USD per month, not prorated\n"
                          "  charge calls\n    at 0.10 USD per call\n";

std::string version(const std::string& from, const std::string& applies, const std::string& fee,
                    const std::string& was) {
  return "toll 1\ncard c extends previous\n  from " + from + "\n" + applies +
         "  change fee base at " + fee + " USD per month, was " + was + " USD per month\n";
}

const std::string kDeal =
    "toll 1\ncard c_acme extends c\n  for customer acme\n  from 2026-03-01 until 2026-10-01\n"
    "  change charge calls\n    discount 10%\n";

UsageDocument document(const char* on, const char* since = nullptr) {
  UsageDocument document;
  document.card = "c";
  document.on = parse_date(on);
  if (since) document.customer_since = parse_date(since);
  document.usage = {{.meter = "calls", .at = {}, .quantity = {10, 0}, .from = {}, .until = {}}};
  return document;
}

std::string total(const CardSet& cards, const UsageDocument& document) {
  const auto answer = quote(cards, document);
  return answer ? answer->total : answer.error().faults.front().message;
}

TEST(Versions, ForNewCustomersLeaveTheOthersOnTheOneBefore) {
  const CardSet cards = testing::card_set(
      {kBase, version("2026-07-01", "  applies to new customers\n", "20.00", "10.00"),
       version("2026-09-01", "  applies to existing customers from 2027-01-01\n", "30.00",
               "20.00")});
  EXPECT_EQ(total(cards, document("2026-06-30")), "11.00");
  EXPECT_EQ(total(cards, document("2026-07-01")), "21.00");  // new on the day that is asked for
  EXPECT_EQ(total(cards, document("2026-07-01", "2026-07-01")), "21.00");
  EXPECT_EQ(total(cards, document("2026-08-01", "2026-06-30")), "11.00");
  EXPECT_EQ(total(cards, document("2026-12-31", "2026-06-30")), "11.00");
  EXPECT_EQ(total(cards, document("2026-12-31", "2026-08-01")), "21.00");
  EXPECT_EQ(total(cards, document("2026-12-31", "2026-09-01")), "31.00");
  EXPECT_EQ(total(cards, document("2027-01-01", "2026-06-30")), "31.00");
}

TEST(Versions, ForEveryoneTakeOverOnTheirDay) {
  const CardSet cards = testing::card_set(
      {kBase, version("2026-07-01", "  applies to everyone\n", "20.00", "10.00")});
  EXPECT_EQ(total(cards, document("2026-06-30", "2026-01-01")), "11.00");
  EXPECT_EQ(total(cards, document("2026-07-01", "2026-01-01")), "21.00");
}

TEST(Versions, DaysAreThoseOnWhichTheCustomerHasIt) {
  const CardSet cards = testing::card_set(
      {kBase, version("2026-07-01", "  applies to existing customers from 2027-01-01\n", "20.00",
                      "10.00")});
  UsageDocument asked = document("2026-08-15", "2026-01-15");
  EXPECT_EQ(to_string(quote(cards, asked)->period.from), "2026-08-01");
  asked.on.reset();
  asked.period = Period{*parse_date("2026-12-01"), *parse_date("2027-01-01")};
  EXPECT_EQ(total(cards, asked), "11.00");
  const auto& old = *cards.versions("c")->front();
  const auto days = cards.days_of(old, *parse_date("2026-08-15"), parse_date("2026-01-15"));
  EXPECT_EQ(to_string(days.from), "2026-01-01");
  EXPECT_EQ(to_string(days.until.value()), "2027-01-01");
  EXPECT_EQ(to_string(cards.days_of(old, *parse_date("2026-02-01"), {}).until.value()),
            "2026-07-01");
}

TEST(Versions, ADealStandsForTheCardOfItsCustomer) {
  const CardSet cards = testing::card_set(
      {kBase, kDeal, version("2026-07-01", "  applies to everyone\n", "20.00", "10.00")});
  UsageDocument asked = document("2026-04-01");
  asked.customer = "acme";
  EXPECT_EQ(total(cards, asked), "10.90");
  EXPECT_EQ(quote(cards, asked)->card, "c_acme");
  asked.on = parse_date("2026-07-01");
  EXPECT_EQ(total(cards, asked), "20.90");
  asked.on = parse_date("2026-02-01");
  EXPECT_EQ(total(cards, asked), "11.00");
  asked.on = parse_date("2026-10-01");
  EXPECT_EQ(total(cards, asked), "21.00");
  asked.on = parse_date("2026-04-01");
  asked.customer = "globex";
  EXPECT_EQ(total(cards, asked), "11.00");
}

TEST(Versions, AnOlderOneRefusesAValueThatItsFileDoesNotHave) {
  const auto card = [](const std::string& values, const std::string& rest) {
    return "toll 1\nunit call, calls\ndimension region is " + values +
           "\nmeter calls counts call by region\n" + rest;
  };
  const CardSet cards =
      testing::card_set({card("eu, us",
                              "card c\n  from 2026-01-01\n  currency USD\n  period month\n"
                              "  round each line half-up\n  charge calls by region\n"
                              "    eu at 0.10 USD per call\n    us at 0.20 USD per call\n"),
                         card("eu, us, apac",
                              "card c extends previous\n  from 2026-07-01\n"
                              "  applies to everyone\n  change charge calls\n"
                              "    apac at 0.30 USD per call\n")});
  UsageDocument asked = document("2026-06-01");
  asked.usage[0].at = {{"region", "apac"}};
  EXPECT_EQ(total(cards, asked), "`apac` is not a value of `region`; its values are `eu`, `us`");
  asked.on = parse_date("2026-07-01");
  EXPECT_EQ(total(cards, asked), "3.00");
}

TEST(Versions, ABrokenCardHoldsBackWhatExtendsIt) {
  testing::ScratchFolder scratch;
  const auto load = [&](const CardSet& previous) {
    return load_folder(scratch.path(), testing::native_compiler(), {}, previous).value();
  };
  scratch.save("c@2026-01-01.toll", kBase);
  scratch.save("c_acme@2026-03-01.toll", kDeal);
  const Loaded first = load({});
  EXPECT_EQ(first.cards->cards().size(), 2u);
  std::string broken = kBase + "  guarantee bill at least 50 USD\n";
  scratch.save("c@2026-01-01.toll", broken);
  const Loaded second = load(*first.cards);
  EXPECT_EQ(second.kept, (std::vector<std::string>{"c 2026-01-01", "c_acme 2026-03-01"}));
  std::vector<std::string> codes;
  for (const dsl::Diagnostic& diagnostic : second.diagnostics) codes.push_back(diagnostic.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"E606", "E514"}));
  UsageDocument asked = document("2026-04-01");
  asked.customer = "acme";
  EXPECT_EQ(total(*second.cards, asked), "10.90");
}

}  // namespace
}  // namespace toll::runtime
