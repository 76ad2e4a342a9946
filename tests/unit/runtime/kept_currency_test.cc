// The currency of who names none: that in which it began, while the card bills in it.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime::kept_currency {
namespace {

std::string version(const std::string& from, const std::string& currencies,
                    const std::string& price, const std::string& header = "") {
  return "toll 1\nunit call, calls\nmeter calls counts call\ncard c \"C\"\n  from " + from +
         "\n  currency " + currencies + "\n  period month\n  round each line half-up\n" + header +
         "  charge calls\n    at " + price + " per call\n";
}

const std::string kDollars = version("2026-01-01", "USD, EUR", "1.00 USD or 2.00 EUR");
const std::string kEuros =
    version("2026-03-16", "EUR, USD", "4.00 EUR or 3.00 USD", "  switch at once\n");

UsageDocument month(const char* from, const char* until, const char* since) {
  UsageDocument document;
  document.card = "c";
  document.period = Period{*parse_date(from), *parse_date(until)};
  document.usage = {used("calls", 10, from, until)};
  if (since) document.customer_since = parse_date(since);
  return document;
}

std::string total(const CardSet& cards, const UsageDocument& document) {
  const auto answer = quote(cards, document);
  return answer ? answer->total + " " + answer->currency : faults(cards, document).front();
}

TEST(KeptCurrency, IsThatInWhichTheCustomerBegan) {
  const CardSet cards = testing::card_set({kDollars, kEuros});
  UsageDocument cut = march(10, 10);
  for (const char* since : {"2024-05-01", "2026-01-01", "2026-03-15"}) {
    EXPECT_EQ(total(cards, month("2026-04-01", "2026-05-01", since)), "30.00 USD") << since;
    cut.customer_since = parse_date(since);
    EXPECT_EQ(total(cards, cut), "40.00 USD");
  }
  EXPECT_EQ(total(cards, month("2026-04-01", "2026-05-01", "2026-03-16")), "40.00 EUR");
  // A new one begins with the version of the day, and a period is in one currency.
  EXPECT_EQ(total(cards, month("2026-04-01", "2026-05-01", nullptr)), "40.00 EUR");
  EXPECT_EQ(total(cards, march(10, 10)), "40.00 USD");
  UsageDocument in_euros = march(10, 10);
  in_euros.currency = "EUR";
  EXPECT_EQ(total(cards, in_euros), "60.00 EUR");
}

TEST(KeptCurrency, IsGoneWhereTheCardDoesNotBillInItAnyMore) {
  const CardSet cards =
      testing::card_set({kDollars, version("2026-03-16", "EUR", "4.00 EUR", "  switch at once\n")});
  EXPECT_EQ(total(cards, month("2026-04-01", "2026-05-01", "2026-01-01")), "40.00 EUR");
  EXPECT_TRUE(total(cards, march(10, 10)).contains("the two bill in different currencies"));
}

TEST(KeptCurrency, IsThatOfTheDealWithWhichTheCustomerBegan) {
  const std::string deal =
      "toll 1\ncard c_acme \"Deal\" extends c\n  for customer acme\n  from 2026-01-01 until "
      "2026-02-01\n  currency EUR, USD\n  change charge calls\n"
      "    at 1.00 EUR or 1.50 USD per call, was 1.00 USD or 2.00 EUR per call\n";
  const CardSet cards = testing::card_set({kDollars, deal});
  UsageDocument document = month("2026-02-01", "2026-03-01", "2026-01-01");
  EXPECT_EQ(total(cards, document), "10.00 USD");
  document.customer = "acme";
  EXPECT_EQ(total(cards, document), "20.00 EUR");
}

TEST(KeptCurrency, IsNotGuessedWhereTheVersionThatSaysItIsInError) {
  const CardSet whole = testing::card_set({kEuros});
  const CardSet cards(whole.revisions(), {{.card = "c",
                                           .file = "c.toll",
                                           .from = *parse_date("2026-01-01"),
                                           .until = *parse_date("2026-03-16"),
                                           .stated_until = {},
                                           .customer = {},
                                           .deal_on = {}}});
  EXPECT_EQ(total(cards, month("2026-04-01", "2026-05-01", "2026-01-01")),
            "/currency: the version of `c` with which the customer began, on 2026-01-01, is in "
            "error, so that its first currency is not known: name one");
  EXPECT_EQ(total(cards, month("2026-04-01", "2026-05-01", "2026-03-20")), "40.00 EUR");
}

}  // namespace
}  // namespace toll::runtime::kept_currency
