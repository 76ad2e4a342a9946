// Versions in error that were never live hold their own days back: nobody is charged the price of
// another version for them.
#include <gtest/gtest.h>

#include "runtime/loader.h"
#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/support/scratch_folder.h"

namespace toll::runtime {
namespace {

const std::string kFirst =
    "toll 1\nunit call, calls\nmeter calls counts call\n"
    "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
    "  round each line half-up\n  charge calls\n    at 0.10 USD per call\n";

std::string second(const std::string& more, const std::string& from = "2026-07-01") {
  return "toll 1\ncard c \"C\"\n  from " + from +
         "\n  currency USD\n  period month\n"
         "  round each line half-up\n" +
         more;
}

const std::string kRight = "  applies to everyone\n  charge calls\n    at 0.20 USD per call\n";
const std::string kWrong = "  applies to everyone\n  charge calls\n    at 0.20 EUR per call\n";

class HeldBackVersions : public ::testing::Test {
 protected:
  void save(const std::string& name, const std::string& text) { folder_.save(name, text); }
  void remove(const std::string& name) { folder_.remove(name); }

  void load() {
    loaded_ =
        load_folder(folder_.path(), testing::native_compiler(), {}, *loaded_.cards, {loaded_.files})
            .value();
  }

  /// What a service that starts has.
  void start() {
    loaded_ = {.cards = std::make_shared<const CardSet>()};
    load();
  }

  /// The total of 100 calls, or why there is none.
  std::string total(const char* on, const char* since = nullptr) const {
    UsageDocument document;
    document.card = "c";
    document.on = parse_date(on);
    if (since) document.customer_since = parse_date(since);
    document.usage = {{.meter = "calls", .at = {}, .quantity = {100, 0}, .from = {}, .until = {}}};
    const auto answer = quote(*loaded_.cards, document);
    if (answer) return answer->total;
    const UsageFault& fault = answer.error().faults.front();
    return fault.pointer + ": " + fault.message;
  }

  testing::ScratchFolder folder_;
  Loaded loaded_{.cards = std::make_shared<const CardSet>()};
};

const std::string kRefused =
    "/on: the version 2026-07-01 of `c` is in error, and the price of another version is not its "
    "price";

TEST_F(HeldBackVersions, RefuseTheirDaysAndNoOthers) {
  save("c1.toll", kFirst);
  save("c2.toll", second(kWrong));
  save("c3.toll", second(kRight, "2026-10-01"));
  start();
  EXPECT_EQ(total("2026-06-15"), "10.00");
  EXPECT_EQ(total("2026-07-15"), kRefused);
  EXPECT_EQ(total("2026-07-15", "2025-01-01"), kRefused);
  EXPECT_EQ(total("2026-10-15"), "20.00");
  save("c2.toll", second(kRight));
  load();
  EXPECT_EQ(total("2026-07-15"), "20.00");
}

TEST_F(HeldBackVersions, ThatWereLiveGoOnWithTheirLastGoodText) {
  save("c1.toll", kFirst);
  save("c2.toll", second(kRight));
  start();
  save("c2.toll", second(kWrong));
  load();
  EXPECT_EQ(total("2026-07-15"), "20.00");
}

TEST_F(HeldBackVersions, RefuseOnlyThoseWhomTheyApplyTo) {
  save("c1.toll", kFirst);
  save("c2.toll", second("  applies to existing customers from 2026-10-01\n"
                         "  charge calls\n    at 0.20 EUR per call\n"));
  start();
  EXPECT_EQ(total("2026-07-15", "2025-01-01"), "10.00");
  EXPECT_EQ(total("2026-09-30", "2025-01-01"), "10.00");
  EXPECT_EQ(total("2026-10-15", "2025-01-01"), kRefused);
  EXPECT_EQ(total("2026-07-15", "2026-07-02"), kRefused);
  EXPECT_EQ(total("2026-07-15"), kRefused);
}

TEST_F(HeldBackVersions, EndWithTheUntilThatTheySay) {
  save("c1.toll", kFirst);
  save("c2.toll", second(kWrong, "2026-07-01 until 2026-09-01"));
  start();
  EXPECT_EQ(total("2026-08-31"), kRefused);
  EXPECT_NE(total("2026-09-01").find("no version of `c` is in force"), std::string::npos);
}

TEST_F(HeldBackVersions, TakeTheirDayFromTheNameOfTheirFileWhereItCannotBeRead) {
  save("c1.toll", kFirst);
  save("c@2026-07-01.toll", second(kRight, "2026-07-"));
  start();
  EXPECT_EQ(total("2026-06-15"), "10.00");
  EXPECT_EQ(total("2026-07-15"), kRefused);
}

TEST_F(HeldBackVersions, WithoutADayRefuseAServiceThatStartsAndStopNoneThatRuns) {
  const std::string undated = second(kRight, "2026-07-");
  save("c1.toll", kFirst);
  start();
  save("c2.toll", undated);
  load();
  EXPECT_EQ(total("2026-06-15"), "10.00");
  EXPECT_EQ(total("2026-07-15"), "10.00");
  start();
  const std::string refused =
      "/on: a version of `c` whose first day cannot be read is in error, and the price of another "
      "version is not its price";
  EXPECT_EQ(total("2026-06-15"), refused);
  // Nothing that happens to other files makes the days known.
  save("d.toll", "toll 1\n");
  load();
  EXPECT_EQ(total("2026-07-15"), refused);
  save("c2.toll", second(kRight));
  load();
  EXPECT_EQ(total("2026-07-15"), "20.00");
}

TEST_F(HeldBackVersions, OfACardThatIsNotThereSayThatItIsInError) {
  save("c2.toll", second(kWrong));
  start();
  EXPECT_EQ(total("2026-07-15"), "/card: the card `c` is in error");
}

TEST_F(HeldBackVersions, EndTheDaysOfTheVersionBefore) {
  save("c1.toll", kFirst);
  save("c2.toll",
       second("  switch at once\n  charge calls\n    at 0.20 EUR per call\n", "2026-07-15"));
  start();
  const auto revision = loaded_.cards->find("c", *parse_date("2026-07-10"));
  ASSERT_TRUE(revision);
  for (const auto& since : {std::optional<Date>(), parse_date("2026-02-01")})
    EXPECT_EQ(billing_period(*loaded_.cards, *revision, *parse_date("2026-07-10"), since).until,
              *parse_date("2026-07-15"));
}

TEST_F(HeldBackVersions, ThatBeginInsideThePeriodAreNamed) {
  save("c1.toll", kFirst);
  save("c2.toll",
       second("  switch at once\n  charge calls\n    at 0.20 EUR per call\n", "2026-07-15"));
  start();
  UsageDocument document;
  document.card = "c";
  document.period = Period{*parse_date("2026-07-01"), *parse_date("2026-08-01")};
  const auto answer = quote(*loaded_.cards, document);
  ASSERT_FALSE(answer);
  EXPECT_EQ(
      answer.error().faults.front().message,
      "version 2026-01-01 of `c` is in force from 2026-01-01 until 2026-07-15, and the one "
      "that begins then is in error (c2.toll): the price of another version is not its price");
}

// ---- Examples and golden invoices

std::string with_example(const std::string& price, const std::string& total) {
  std::string text = kFirst;
  text.replace(text.find("0.10"), 4, price);
  return text + "\n  example \"A hundred\" in 2026-03\n    use calls 100 calls\n    expect total " +
         total + " USD\n";
}

std::string invoice(const std::string& total, const std::string& path = "calls") {
  return "toll 1\n\ninvoice \"Acme, March\" for c in 2026-03\n  use calls 100 calls\n  expect " +
         path + " " + total + " USD\n  expect total " + total + " USD\n";
}

TEST_F(HeldBackVersions, AFailingExampleKeepsANewTextOut) {
  save("c1.toll", with_example("0.10", "10.00"));
  start();
  save("c1.toll", with_example("0.30", "10.00"));
  load();
  EXPECT_EQ(total("2026-06-15"), "10.00");
  EXPECT_EQ(loaded_.kept, std::vector<std::string>{"c 2026-01-01"});
  EXPECT_EQ(loaded_.failed_examples,
            std::vector<std::string>{"c 2026-01-01: the example \"A hundred\" (c1.toll:12) expects "
                                     "10.00 USD of `total` and gets 30.00 USD"});
  save("c1.toll", with_example("0.30", "30.00"));
  load();
  EXPECT_EQ(total("2026-06-15"), "30.00");
  EXPECT_TRUE(loaded_.failed_examples.empty());
}

TEST_F(HeldBackVersions, AFailingGoldenInvoiceKeepsANewTextOut) {
  save("c1.toll", kFirst);
  save("invoices.toll", invoice("10.00"));
  start();
  ASSERT_EQ(total("2026-06-15"), "10.00");
  std::string dearer = kFirst;
  dearer.replace(dearer.find("0.10"), 4, "0.30");
  save("c1.toll", dearer);
  load();
  EXPECT_EQ(total("2026-06-15"), "10.00");
  ASSERT_EQ(loaded_.failed_examples.size(), 1u);
  EXPECT_NE(loaded_.failed_examples.front().find("the invoice \"Acme, March\" (invoices.toll:3)"),
            std::string::npos);
  start();
  EXPECT_EQ(total("2026-06-15"), "/card: the card `c` is in error");
  save("invoices.toll", invoice("30.00"));
  load();
  EXPECT_EQ(total("2026-06-15"), "30.00");
}

TEST_F(HeldBackVersions, AnInvoiceThatDoesNotFitKeepsANewTextOutAndNoLiveOne) {
  save("c1.toll", kFirst);
  save("invoices.toll", invoice("10.00"));
  start();
  // The line that the invoice asks for is called otherwise.
  std::string renamed = kFirst;
  renamed.replace(renamed.find("charge calls"), 12, "charge requests on calls");
  save("c1.toll", renamed);
  load();
  EXPECT_EQ(loaded_.cards->versions("c")->front()->card().charges.front().name, "calls");
  EXPECT_EQ(
      loaded_.failed_examples,
      std::vector<std::string>{"c 2026-01-01: an invoice asks for what its bills do not have"});
  save("c1.toll", kFirst);
  save("invoices.toll", invoice("10.00", "requests"));
  load();
  EXPECT_EQ(total("2026-06-15"), "10.00");
  EXPECT_TRUE(loaded_.kept.empty());
}

TEST_F(HeldBackVersions, AnInvoiceThatFailsALiveTextIsReportedAndStopsNothing) {
  save("c1.toll", kFirst);
  start();
  save("invoices.toll", invoice("11.00"));
  load();
  EXPECT_EQ(total("2026-06-15"), "10.00");
  ASSERT_EQ(loaded_.failed_examples.size(), 1u);
  EXPECT_NE(loaded_.failed_examples.front().find("it stays live"), std::string::npos);
}

/// Of 60 calls before the 16th of March and 40 from then on.
std::string cut_invoice(const std::string& total, const std::string& customer = "") {
  return "toll 1\n\ninvoice \"Acme, March\" for c in 2026-03\n" + customer +
         "  use calls 60 calls until 2026-03-16\n  use calls 40 calls from 2026-03-16\n"
         "  expect calls " +
         total + " USD\n  expect total " + total + " USD\n";
}

const std::string kAtOnce = second("  switch at once\n" + kRight, "2026-03-16");

TEST_F(HeldBackVersions, AnInvoiceOfSeveralVersionsKeepsOutThoseThatAreNew) {
  save("c1.toll", kFirst);
  start();
  save("c2.toll", kAtOnce);
  save("invoices.toll", cut_invoice("10.00"));
  load();
  EXPECT_EQ(total("2026-03-05"), "10.00");
  EXPECT_TRUE(total("2026-03-20").contains("the version 2026-03-16 of `c` is in error"));
  // 60 x 0.10 + 40 x 0.20
  EXPECT_EQ(loaded_.failed_examples,
            std::vector<std::string>{"c 2026-03-16: the invoice \"Acme, March\" (invoices.toll:3) "
                                     "expects 10.00 USD of `calls` and gets 14.00 USD"});
  save("invoices.toll", cut_invoice("14.00"));
  load();
  EXPECT_FALSE(loaded_.has_errors());
  EXPECT_EQ(total("2026-03-05"), "10.00");
  EXPECT_EQ(total("2026-03-20"), "20.00");
  // Both are live: it is said, and stops nothing.
  save("invoices.toll", cut_invoice("15.00"));
  load();
  ASSERT_EQ(loaded_.failed_examples.size(), 1u);
  EXPECT_TRUE(loaded_.failed_examples.front().ends_with("it stays live with the text that it had"));
  EXPECT_EQ(total("2026-03-20"), "20.00");
  // A service that starts has neither.
  start();
  EXPECT_EQ(total("2026-03-05"), "/card: the card `c` is in error");
}

TEST_F(HeldBackVersions, AnInvoiceThatDoesNotSayWhenKeepsOutTheVersionThatAsks) {
  save("c1.toll", kFirst);
  save("invoices.toll", invoice("10.00"));
  start();
  ASSERT_FALSE(loaded_.has_errors());
  save("c2.toll", kAtOnce);
  load();
  EXPECT_EQ(loaded_.diagnostics.front().code, "E324");
  EXPECT_EQ(total("2026-03-05"), "10.00");
  EXPECT_TRUE(total("2026-03-20").contains("is in error")) << total("2026-03-20");
  EXPECT_EQ(
      loaded_.failed_examples,
      std::vector<std::string>{"c 2026-03-16: an invoice asks for what its bills do not have"});
  save("invoices.toll", cut_invoice("14.00"));
  load();
  EXPECT_EQ(total("2026-03-20"), "20.00");
}

TEST_F(HeldBackVersions, AnInvoiceOfAVersionInErrorIsNotRun) {
  save("c1.toll", kFirst);
  save("c2.toll", second("  switch at once\n" + kWrong, "2026-03-16"));
  save("invoices.toll", cut_invoice("99.00"));
  start();
  EXPECT_EQ(total("2026-03-05"), "10.00");
  EXPECT_TRUE(loaded_.failed_examples.empty());
  // Nor where it is a guarantee that keeps it out.
  save("c2.toll", kAtOnce + "  guarantee bill at most 1.00 USD\n");
  start();
  EXPECT_EQ(total("2026-03-05"), "10.00");
  EXPECT_TRUE(loaded_.failed_examples.empty());
  EXPECT_TRUE(total("2026-03-20").contains("is in error"));
}

TEST_F(HeldBackVersions, AnInvoiceOfADealAndItsCardKeepsTheDealOut) {
  const std::string deal =
      "toll 1\ncard a_deal extends c\n  for customer acme\n  from 2026-03-16\n"
      "  change charge calls\n    discount 50%\n";
  save("c1.toll", kFirst);
  start();
  save("a_deal.toll", deal);
  save("invoices.toll", cut_invoice("10.00", "  for customer acme\n"));
  load();
  // 60 x 0.10 + 40 x 0.05
  EXPECT_EQ(loaded_.failed_examples,
            std::vector<std::string>{"a_deal 2026-03-16: the invoice \"Acme, March\" "
                                     "(invoices.toll:3) expects 10.00 USD of `calls` and gets "
                                     "8.00 USD"});
  EXPECT_EQ(total("2026-03-05"), "10.00");
  EXPECT_FALSE(loaded_.cards->versions("a_deal"));
  save("invoices.toll", cut_invoice("8.00", "  for customer acme\n"));
  load();
  EXPECT_FALSE(loaded_.has_errors());
  EXPECT_TRUE(loaded_.cards->versions("a_deal"));
}

TEST_F(HeldBackVersions, ATextThatIsKeptOutTakesAlongWhatExtendsIt) {
  const auto next = [](const std::string& price, const std::string& was) {
    return "toll 1\ncard c extends previous\n  from 2026-07-01\n  applies to everyone\n"
           "  change charge calls\n    at " +
           price + " USD per call, was " + was + " USD per call\n";
  };
  save("c1.toll", with_example("0.10", "10.00"));
  save("c2.toll", next("0.50", "0.10"));
  start();
  ASSERT_EQ(total("2026-07-15"), "50.00");
  save("c1.toll", with_example("0.30", "10.00"));
  save("c2.toll", next("0.60", "0.30"));
  load();
  EXPECT_EQ(total("2026-06-15"), "10.00");
  EXPECT_EQ(total("2026-07-15"), "50.00");
  save("c1.toll", with_example("0.30", "30.00"));
  load();
  EXPECT_EQ(total("2026-06-15"), "30.00");
  EXPECT_EQ(total("2026-07-15"), "60.00");
}

TEST_F(HeldBackVersions, ALaterVersionTurnsNoExampleOfTheOneBeforeIntoAnError) {
  std::string text = with_example("0.10", "10.00");
  text.replace(text.find("2026-03"), 7, "2026-09");
  save("c1.toll", text);
  start();
  ASSERT_EQ(total("2026-09-15"), "10.00");
  save("c2.toll", second(kRight));
  load();
  EXPECT_FALSE(loaded_.has_errors());
  EXPECT_EQ(total("2026-09-15"), "20.00");
  EXPECT_EQ(total("2026-06-15"), "10.00");
}

TEST_F(HeldBackVersions, AnExampleOfADealKeepsNoVersionOfItOut) {
  const auto of_deal = [](const std::string& total) {
    return "toll 1\ncard c_initech extends c\n  for customer initech\n  from 2026-02-01\n"
           "  change charge calls\n    discount 5%\n  example \"A hundred\" in 2026-03\n"
           "    use calls 100 calls\n    expect total " +
           total + " USD\n";
  };
  save("c1.toll", kFirst);
  save("deal.toll", of_deal("9.50"));
  start();
  save("c2.toll", second(kRight));
  load();
  EXPECT_FALSE(loaded_.has_errors());
  EXPECT_EQ(loaded_.cards->versions("c_initech")->size(), 2u);
  start();
  EXPECT_EQ(loaded_.cards->versions("c_initech")->size(), 2u);
  save("deal.toll", of_deal("9.00"));
  start();
  EXPECT_EQ(loaded_.cards->versions("c_initech"), nullptr);
}

TEST_F(HeldBackVersions, AnExampleOfACustomerWithAnotherVersionIsReportedAndStopsNothing) {
  std::string text = with_example("0.10", "10.00");
  text.replace(text.find("in 2026-03\n"), 11,
               "in 2026-08\n    for customer acme since 2026-07-15\n");
  save("c1.toll", text);
  start();
  ASSERT_FALSE(loaded_.has_errors());
  save("c2.toll", second(kRight));
  start();
  EXPECT_TRUE(dsl::has_errors(loaded_.diagnostics));
  EXPECT_EQ(total("2026-06-15"), "10.00");
  EXPECT_EQ(total("2026-08-15"), "20.00");
}

}  // namespace
}  // namespace toll::runtime
