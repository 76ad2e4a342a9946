// A deal and the card that it changes go live together or not at all; a customer whose deal is in
// error is never charged the list price instead.
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/loader.h"
#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/support/scratch_folder.h"

namespace toll::runtime {
namespace {

using Texts = std::vector<std::string>;

const std::string kFirst =
    "toll 1\nunit call, calls\nmeter calls counts call\n"
    "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
    "  round each line half-up\n  charge calls\n    at 0.10 USD per call\n";

std::string second(const std::string& price, const std::string& was = "0.10") {
  return "toll 1\ncard c extends previous\n  from 2026-07-01\n  applies to everyone\n"
         "  change charge calls\n    at " +
         price + " USD per call, was " + was + " USD per call\n";
}

std::string deal(const std::string& lines = "    discount 10%\n") {
  return "toll 1\ncard c_acme extends c\n  for customer acme\n"
         "  from 2026-03-01 until 2027-03-01\n  change charge calls\n" +
         lines;
}

class Deals : public ::testing::Test {
 protected:
  void save(const std::string& name, const std::string& text) { folder_.save(name, text); }

  void remove(const std::string& name) { folder_.remove(name); }

  void load() {
    loaded_ = load_folder(folder_.path(), testing::native_compiler(), {}, *loaded_.cards).value();
  }

  /// The total of 100 calls, or why there is none.
  std::string total(const char* on, std::optional<std::string> customer = "acme") const {
    UsageDocument document;
    document.card = "c";
    document.on = parse_date(on);
    document.customer = std::move(customer);
    document.usage = {{.meter = "calls", .at = {}, .quantity = {100, 0}, .from = {}, .until = {}}};
    const auto answer = quote(*loaded_.cards, document);
    if (answer) return answer->total;
    const UsageFault& fault = answer.error().faults.front();
    return fault.pointer + ": " + fault.message;
  }

  /// Errors, with the message of those that are about the deal's file.
  Texts errors() const {
    Texts texts;
    for (const dsl::Diagnostic& found : loaded_.diagnostics) {
      const bool of_deal = loaded_.files[found.primary.place.file].path.ends_with("acme.toll");
      if (found.severity == dsl::Severity::Error)
        texts.push_back(found.code + (of_deal ? " " + found.message : ""));
    }
    return texts;
  }

  testing::ScratchFolder folder_;
  Loaded loaded_{.cards = std::make_shared<const CardSet>(),
                 .files = {},
                 .diagnostics = {},
                 .failures = {},
                 .kept = {}};
};

TEST_F(Deals, ThatCannotBeReadAtAllRefuseTheCustomersOfAServiceThatStarts) {
  const std::string unknown =
      " is in error and may hold a deal of customer `acme`, whose price that of `c` is not then: "
      "mend the file, or move it away";
  save("c1.toll", kFirst);
  for (const std::string& text :
       {std::string(), std::string("toll 1\ncrad c_acme extends c\n  for customer acme\n")}) {
    save("c_acme@2026-03-01.toll", text);
    loaded_ = {.cards = std::make_shared<const CardSet>()};
    load();
    EXPECT_EQ(total("2026-03-15"), "/customer: the file `c_acme@2026-03-01.toll`" + unknown);
    EXPECT_EQ(total("2026-02-15"), "10.00");  // its name says from when on it is
    EXPECT_EQ(total("2026-03-15", std::nullopt), "10.00");
    load();  // it starts no more, and knows no more
    EXPECT_EQ(total("2026-03-15"), "/customer: the file `c_acme@2026-03-01.toll`" + unknown);
  }
  save("c_acme@2026-03-01.toll", deal());
  load();
  EXPECT_EQ(total("2026-03-15"), "9.00");
  // A service that runs keeps what it had.
  save("c_acme@2026-03-01.toll", "");
  load();
  EXPECT_EQ(total("2026-03-15"), "9.00");
  EXPECT_EQ(total("2026-03-15", "globex"), "10.00");
}

TEST_F(Deals, OfAnUnreadableCustomerRefuseTheCustomersOfTheirCard) {
  save("c1.toll", kFirst);
  save("d1.toll",
       "toll 1\ncard d\n  from 2026-01-01\n  currency USD\n  period month\n  round each line "
       "half-up\n  charge calls\n    at 0.50 USD per call\n");
  save("acme.toll",
       "toll 1\ncard c_acme extends c\n  for custmer acme\n  from 2026-03-01\n  change "
       "charge calls\n    discount 10%\n");
  load();
  EXPECT_TRUE(total("2026-03-15").starts_with("/customer: the file `acme.toll` is in error"))
      << total("2026-03-15");
  UsageDocument document;
  document.card = "d";
  document.customer = "acme";
  document.on = parse_date("2026-03-15");
  EXPECT_TRUE(quote(*loaded_.cards, document).has_value());
  // To a service that runs it is nobody's.
  save("acme.toll", "");
  remove("acme.toll");
  load();
  save("acme.toll", "toll 1\ncard c_acme extends c\n  for custmer acme\n  from 2026-03-01\n");
  load();
  EXPECT_EQ(total("2026-03-15"), "10.00");
}

/// Of March, with calls on both sides of a day, if one is given.
std::string total_of_march(const CardSet& cards, const char* cut = nullptr) {
  UsageDocument document;
  document.card = "c";
  document.customer = "acme";
  document.period = Period{*parse_date("2026-03-01"), *parse_date("2026-04-01")};
  document.usage = {{.meter = "calls",
                     .at = {},
                     .quantity = {100, 0},
                     .from = {},
                     .until = cut ? parse_date(cut) : std::nullopt}};
  if (cut) document.usage.push_back(document.usage.front());
  if (cut) std::swap(document.usage.back().from, document.usage.back().until);
  const auto answer = quote(cards, document);
  return answer
             ? answer->total
             : answer.error().faults.front().pointer + ": " + answer.error().faults.front().message;
}

TEST_F(Deals, CutThePeriodInWhichTheyBeginOrEnd) {
  const auto save_deal = [&](const std::string& days) {
    save("acme.toll", "toll 1\ncard c_acme extends c\n  for customer acme\n  from " + days +
                          "\n  change charge calls\n    at 0.02 USD per call, was 0.10 USD per "
                          "call\n");
    load();
  };
  save("c1.toll", kFirst);
  save_deal("2026-03-10");
  EXPECT_EQ(total_of_march(*loaded_.cards, "2026-03-10"), "12.00");
  EXPECT_EQ(total_of_march(*loaded_.cards),
            "/usage/0: version 2026-03-10 of `c_acme` begins on 2026-03-10, so it matters when "
            "`calls` was used: split the entry there, with `from` and `until`");
  EXPECT_EQ(total("2026-03-09"), "10.00");
  EXPECT_EQ(total("2026-03-10"), "2.00");
  save_deal("2026-02-01 until 2026-03-21");
  EXPECT_EQ(total_of_march(*loaded_.cards, "2026-03-21"), "12.00");
  save_deal("2026-03-01 until 2026-04-01");
  EXPECT_EQ(total_of_march(*loaded_.cards), "2.00");
}

TEST_F(Deals, AQuoteWithoutAPeriodIsOfTheDaysBeforeTheDeal) {
  save("c1.toll", kFirst);
  save("acme.toll",
       "toll 1\ncard c_acme extends c\n  for customer acme\n  from 2026-03-10\n  change "
       "charge calls\n    discount 10%\n");
  load();
  UsageDocument document;
  document.card = "c";
  document.customer = "acme";
  document.on = parse_date("2026-03-05");
  const Answer before = quote(*loaded_.cards, document).value();
  EXPECT_EQ(to_string(before.period.until), "2026-03-10");
  document.on = parse_date("2026-03-15");
  EXPECT_EQ(to_string(quote(*loaded_.cards, document)->period.from), "2026-03-10");
  document.customer = "globex";
  EXPECT_EQ(to_string(quote(*loaded_.cards, document)->period.from), "2026-03-01");
}

TEST_F(Deals, APeriodWithDaysOfADealInErrorIsRefused) {
  save("c1.toll", kFirst);
  save("acme.toll",
       "toll 1\ncard c_acme extends c\n  for customer acme\n  from 2026-03-10\n  change "
       "charge calls\n    at 0.02 USD per call, was 0.11 USD per call\n");
  load();
  EXPECT_EQ(total_of_march(*loaded_.cards, "2026-03-10"),
            "/customer: the deal `c_acme` of customer `acme` is in error, and the price of `c` is "
            "not its price");
}

const std::string kRefused =
    "/customer: the deal `c_acme` of customer `acme` is in error, and the price of `c` is not its "
    "price";

TEST_F(Deals, ALaterVersionInErrorKeepsTheWholeDealAsItWas) {
  save("c1.toll", kFirst);
  save("c2.toll", second("0.20"));
  save("acme.toll", deal());
  load();
  ASSERT_EQ(total("2026-06-15"), "9.00");
  ASSERT_EQ(total("2026-07-15"), "18.00");
  for (const std::string& broken :
       {second("0.30 EUR or 0.30"), second("0.30 per"), second("0.30", "0.11"),
        std::string("toll 1\ncard c extends previous\n  from 2026-07-\n"),
        std::string("toll 1\ncard c extends previous\n  from 2026-07-01\n  applies to everyone\n"
                    "  guarantee bill at least 1 USD\n"),
        std::string("toll 1\ncard c extends previous previous\n  from 2026-07-01\n")}) {
    SCOPED_TRACE(broken);
    save("c2.toll", broken);
    load();
    EXPECT_EQ(total("2026-06-15"), "9.00");
    EXPECT_EQ(total("2026-07-15"), "18.00");
    EXPECT_EQ(total("2026-07-15", {}), "20.00");
    EXPECT_EQ(loaded_.kept, (Texts{"c 2026-07-01", "c_acme 2026-03-01", "c_acme 2026-07-01"}));
  }
  save("c2.toll", second("0.30"));
  load();
  EXPECT_EQ(total("2026-07-15"), "27.00");
  EXPECT_EQ(errors(), Texts{});
}

TEST_F(Deals, ANewVersionInErrorLeavesTheDealOfTheOneBefore) {
  save("c1.toll", kFirst);
  save("acme.toll", deal());
  load();
  save("c2.toll", second("0.20 EUR or 0.20"));
  load();
  EXPECT_EQ(loaded_.kept, Texts{"c_acme 2026-03-01"});
  EXPECT_EQ(total("2026-06-15"), "9.00");
  EXPECT_EQ(total("2026-08-15"), "9.00");
}

TEST_F(Deals, TheErrorNamesTheVersionThatIsInError) {
  save("c1.toll", kFirst);
  save("c2.toll", second("0.20 EUR or 0.20"));
  save("acme.toll", deal());
  load();
  const Texts found = errors();
  EXPECT_EQ(found.front(), "E514 the card `c` of 2026-07-01 is in error, and this one extends it");
  EXPECT_EQ(std::ranges::count_if(found, [](const auto& text) { return text.contains(' '); }), 1);
}

TEST_F(Deals, AVersionThatCannotBeReadIsToldOnce) {
  save("c1.toll", kFirst);
  save("c2.toll", second("0.20 per"));
  save("acme.toll", deal());
  load();
  EXPECT_EQ(errors(), (Texts{"E514 the card `c` of 2026-07-01 is in error, and this one extends it",
                             "E004"}));
}

TEST_F(Deals, AFirstLoadWithoutTheDealRefusesItsCustomer) {
  save("c1.toll", kFirst);
  save("c2.toll", second("0.20", "0.11"));
  save("acme.toll", deal());
  load();
  EXPECT_EQ(total("2026-02-15"), "10.00");  // before the deal
  EXPECT_EQ(total("2026-06-15"), kRefused);
  EXPECT_EQ(total("2026-07-15"), kRefused);
  EXPECT_EQ(total("2026-06-15", "other"), "10.00");
  // The code of other cards that is made later changes nothing.
  loaded_.cards = with_native(*loaded_.cards, {});
  EXPECT_EQ(total("2026-06-15"), kRefused);
  save("c2.toll", second("0.20"));
  load();
  EXPECT_EQ(total("2026-06-15"), "9.00");
}

TEST_F(Deals, ADealInErrorItselfRefusesItsCustomerToo) {
  save("c1.toll", kFirst);
  save("acme.toll", deal("    discount 10\n"));
  load();
  EXPECT_EQ(total("2026-06-15"), kRefused);
  EXPECT_EQ(total("2026-06-15", "other"), "10.00");
  save("acme.toll", deal("    discount 10%\n  guarantee bill at least 1 USD\n"));
  load();
  EXPECT_EQ(total("2026-06-15"), kRefused);
  save("acme.toll", deal());
  load();
  EXPECT_EQ(total("2026-06-15"), "9.00");
}

TEST_F(Deals, WhoseCardOrDaysAreMistakenRefuseTheirCustomerToo) {
  const auto replaced = [](const char* before, const char* after) {
    std::string text = deal();
    return text.replace(text.find(before), std::string_view(before).size(), after);
  };
  save("c1.toll", kFirst);
  for (const std::string& text :
       {replaced("until 2027-03-01", "until 2026-02-01"), replaced("extends c\n", "extends cc\n"),
        replaced("extends c\n", "extends previous\n"), replaced(" extends c\n", "\n")}) {
    save("acme.toll", text);
    loaded_ = {.cards = std::make_shared<const CardSet>(),
               .files = {},
               .diagnostics = {},
               .failures = {},
               .kept = {}};
    load();
    EXPECT_EQ(total("2026-06-15"), kRefused) << text;
    EXPECT_EQ(total("2026-06-15", "other"), "10.00") << text;
    load();
    EXPECT_EQ(total("2026-06-15"), kRefused) << text;
  }
  save("acme.toll", deal());
  load();
  EXPECT_EQ(total("2026-06-15"), "9.00");
  // A service that runs keeps what it had.
  save("acme.toll", replaced("extends c\n", "extends cc\n"));
  load();
  EXPECT_EQ(total("2026-06-15"), "9.00");
}

TEST_F(Deals, ALaterVersionOfADealThatIsInErrorRefusesItsDaysOnly) {
  save("c1.toll", kFirst);
  save("acme.toll", deal());
  save("acme2.toll",
       "toll 1\ncard c_acme extends previous\n  from 2026-09-01 until 2027-03-01\n"
       "  change charge calls\n    discount 5\n");
  load();
  EXPECT_EQ(total("2026-08-15"), "9.00");
  EXPECT_EQ(total("2026-09-15"), kRefused);
  EXPECT_EQ(total("2027-03-15"), "10.00");
}

TEST_F(Deals, ADealBesideItsCardInOneFileIsKeptToo) {
  const auto both = [](const std::string& lines) {
    return kFirst + deal(lines).substr(std::string("toll 1\n").size());
  };
  save("acme.toll", both("    discount 10%\n"));
  load();
  ASSERT_EQ(total("2026-06-15"), "9.00");
  save("acme.toll", both("    discount 10\n"));
  load();
  EXPECT_EQ(loaded_.kept, Texts{"c_acme 2026-03-01"});
  EXPECT_EQ(total("2026-06-15"), "9.00");
}

TEST_F(Deals, ADealThatGoesWithItsFileIsGone) {
  save("c1.toll", kFirst);
  save("acme.toll", deal());
  load();
  folder_.remove("acme.toll");
  save("c2.toll", second("0.20 EUR or 0.20"));
  load();
  EXPECT_EQ(total("2026-06-15"), "10.00");
}

TEST_F(Deals, AreForNobodyElse) {
  save("c@2026-01-01.toll", kFirst);
  save("c_acme.toll", deal());
  load();
  UsageDocument document;
  document.card = "c_acme";
  document.on = parse_date("2026-03-01");
  EXPECT_TRUE(quote(*loaded_.cards, document)) << "who asks for nobody sees what it says";
  document.customer = "acme";
  EXPECT_TRUE(quote(*loaded_.cards, document));
  document.customer = "globex";
  const auto refused = quote(*loaded_.cards, document);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::Kind::NotFound);
  EXPECT_EQ(refused.error().faults.front().message,
            "card `c_acme` is for customer `acme` only, not for `globex`");
}

}  // namespace
}  // namespace toll::runtime
