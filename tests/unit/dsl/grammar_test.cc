// Every statement, right: what of it stands in the tree.

#include "dsl/grammar/grammar.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dsl/grammar/statements.h"
#include "dsl/scan/line.h"

namespace toll::dsl::grammar {
namespace {

/// A line and its tokens, which point into it.
class OneLine {
 public:
  explicit OneLine(std::string text) : text_(std::move(text)) {
    scan::LineScanner(text_, 1 << 20).next(line_);
  }
  OneLine(const OneLine&) = delete;
  OneLine& operator=(const OneLine&) = delete;
  Tokens tokens() const { return line_.tokens; }
  std::string at(Span span) const { return text_.substr(span.begin, span.end - span.begin); }

 private:
  std::string text_;
  scan::Line line_;
};

/// Reads a line that has to be right; the value's span has to be the whole of it.
template <typename T>
T right(Read<T> (*parse)(Tokens), const std::string& text) {
  OneLine line(text);
  auto result = parse(line.tokens());
  if (!result) {
    ADD_FAILURE() << text << ": expected " << result.error().expected << " at "
                  << result.error().place.begin;
    return T{};
  }
  return *std::move(result);
}

std::string show(const syntax::Quantity& q) {
  return q.number.value.to_string() + " " + q.unit.text;
}
std::string show(const syntax::MoneyAmount& m) {
  std::string text = show(syntax::Quantity{m.number, m.unit, m.span});
  for (const auto& other : m.others) text += " or " + show(other);
  return text;
}
std::string show(const std::optional<syntax::MoneyAmount>& m) { return m ? show(*m) : "none"; }
std::string show(const std::optional<syntax::Quantity>& q) { return q ? show(*q) : "none"; }
std::string show(const std::optional<syntax::Word>& word) { return word ? word->text : "none"; }
std::string show(const std::optional<syntax::Label>& label) { return label ? label->text : "none"; }
std::string show(const std::optional<syntax::Percent>& percent) {
  return percent ? percent->value.to_string() + "%" : "none";
}
std::string show(const std::vector<syntax::Word>& words) {
  std::string result;
  for (const auto& word : words) result += (result.empty() ? "" : " ") + word.text;
  return result;
}

// ---- Declarations ----

TEST(Unit, HasAPluralAndASize) {
  auto plain = right(unit, "unit call");
  EXPECT_EQ(plain.singular.text, "call");
  EXPECT_FALSE(plain.plural);
  auto sized = right(unit, "unit kilotoken, kilotokens = 1,000 tokens");
  EXPECT_EQ(show(sized.plural), "kilotokens");
  EXPECT_EQ(show(sized.size), "1000 tokens");
  EXPECT_EQ(show(right(unit, "unit contract_month = 730 hours").size), "730 hours");
}

TEST(Dimension, ListsValues) {
  auto d = right(dimension, "dimension country is US, DE, other");
  EXPECT_EQ(d.name.text, "country");
  EXPECT_EQ(show(d.values), "US DE other");
  EXPECT_FALSE(d.by_time);
}

TEST(Dimension, IsDerivedFromFieldsOrTime) {
  EXPECT_EQ(show(right(dimension, "dimension context by input_tokens + cached_tokens").fields),
            "input_tokens cached_tokens");
  auto window = right(dimension, "dimension window by time in America/New_York");
  EXPECT_TRUE(window.by_time);
  EXPECT_EQ(show(window.zone), "America/New_York");
  EXPECT_EQ(show(right(dimension, "dimension w by time in Etc/GMT+1").zone), "Etc/GMT+1");
  EXPECT_FALSE(right(dimension, "dimension w by time").zone);
}

TEST(DimensionRow, HasABoundOrHours) {
  auto below = right(derived_value, "short up to 200,000");
  EXPECT_EQ(below.name.text, "short");
  EXPECT_EQ(below.up_to->value.to_string(), "200000");
  EXPECT_FALSE(right(derived_value, "long beyond").up_to);
  auto peak = right(time_value, "peak Mon-Fri 08:00-20:00");
  EXPECT_EQ(show(peak.days), "Mon-Fri");
  EXPECT_EQ(show(peak.hours), "08:00-20:00");
  EXPECT_FALSE(right(time_value, "off_peak otherwise").days);
}

TEST(Meter, HasAnAggregate) {
  auto tokens = right(meter, "meter tokens sums token by model, kind, mode");
  EXPECT_EQ(tokens.name.text, "tokens");
  EXPECT_EQ(tokens.aggregate.text, "sums");
  EXPECT_EQ(tokens.unit.text, "token");
  EXPECT_EQ(show(tokens.by), "model kind mode");
  for (std::string aggregate : {"counts", "averages", "peaks", "latest", "accrues"}) {
    EXPECT_EQ(right(meter, "meter m " + aggregate + " GiB-month").aggregate.text, aggregate);
  }
  auto users = right(meter, "meter users counts distinct user_id");
  EXPECT_TRUE(users.distinct);
  EXPECT_EQ(users.unit.text, "user_id");
  auto hosts = right(meter, "meter hosts percentile 99.5 of host every hour");
  EXPECT_EQ(hosts.percentile->value.to_string(), "99.5");
  EXPECT_EQ(hosts.unit.text, "host");
  EXPECT_EQ(show(hosts.every), "hour");
}

TEST(MeterLine, SaysOneThing) {
  syntax::Meter m;
  for (auto text :
       {"from llm.request", "from llm.batch", "take input_tokens less cached_tokens as kind input",
        "take output_tokens", "step change", "until seat.removed",
        "each rounded up to 0.001 GiB-seconds", "each at least 128 MiB", "each times gpus",
        "when lead.qualified", "within 72 hours after conversation.started",
        "unless reopened within 7 days", "once per conversation"}) {
    OneLine line(text);
    EXPECT_FALSE(meter_line(line.tokens(), m)) << text;
  }
  EXPECT_EQ(show(m.from), "llm.request llm.batch");
  ASSERT_EQ(m.takes.size(), 2u);
  EXPECT_EQ(m.takes[0].field.text, "input_tokens");
  EXPECT_EQ(show(m.takes[0].less), "cached_tokens");
  EXPECT_EQ(show(m.takes[0].as_dimension), "kind");
  EXPECT_EQ(show(m.takes[0].as_value), "input");
  EXPECT_FALSE(m.takes[1].as_value);
  EXPECT_EQ(show(m.step), "change");
  EXPECT_EQ(show(m.until), "seat.removed");
  EXPECT_EQ(m.each_rounded->mode, RoundingMode::Up);
  EXPECT_EQ(show(m.each_rounded->step), "0.001 GiB-seconds");
  EXPECT_EQ(show(m.each_at_least), "128 MiB");
  EXPECT_EQ(show(m.each_times), "gpus");
  EXPECT_EQ(show(m.when), "lead.qualified");
  EXPECT_EQ(show(m.within), "72 hours");
  EXPECT_EQ(show(m.after), "conversation.started");
  EXPECT_EQ(show(m.unless), "reopened");
  EXPECT_EQ(show(m.unless_within), "7 days");
  EXPECT_EQ(show(m.once_per), "conversation");
}

TEST(MeterLine, SaysNothingTwice) {
  syntax::Meter m;
  OneLine first("within 1 days after a"), second("within 2 days after b");
  EXPECT_FALSE(meter_line(first.tokens(), m));
  auto again = meter_line(second.tokens(), m);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kind, Misreading::Kind::SaidTwice);
  EXPECT_EQ(show(m.within), "1 days");
  EXPECT_EQ(show(m.after), "a");
}

// ---- Cards ----

TEST(Card, HasANameAndPerhapsALabel) {
  EXPECT_EQ(show(right(card, "card api \"API platform\"").label), "API platform");
  EXPECT_EQ(right(card, "card gpt-4.1").name.text, "gpt-4.1");
}

TEST(Header, IsOneOfFive) {
  auto from = std::get<syntax::From>(right(header, "from 2026-01-01 until 2027-01-01"));
  EXPECT_EQ(to_string(from.from.value), "2026-01-01");
  EXPECT_EQ(to_string(from.until->value), "2027-01-01");
  EXPECT_FALSE(std::get<syntax::From>(right(header, "from 2026-01-01")).until);
  EXPECT_EQ(show(std::get<syntax::Currencies>(right(header, "currency USD, EUR")).names),
            "USD EUR");
  EXPECT_EQ(std::get<syntax::TimeZone>(right(header, "time zone Europe/Berlin")).name.text,
            "Europe/Berlin");
  EXPECT_EQ(std::get<syntax::PeriodLine>(right(header, "period quarter")).unit.text, "quarter");
  auto round = std::get<syntax::RoundLine>(right(header, "round each line half-even to 0.05 CHF"));
  EXPECT_EQ(round.place.text, "line");
  EXPECT_EQ(round.mode, RoundingMode::HalfEven);
  EXPECT_EQ(show(round.step), "0.05 CHF");
}

TEST(Fee, SaysWhenItIsDueAndWhatAPartCosts) {
  auto f =
      right(fee, "fee base \"Platform fee\" at 500.00 USD per month, in advance, prorated by day");
  EXPECT_EQ(f.name.text, "base");
  EXPECT_EQ(show(f.label), "Platform fee");
  EXPECT_EQ(show(f.price), "500.00 USD");
  EXPECT_EQ(f.per.text, "month");
  EXPECT_EQ(f.timing, syntax::Fee::Timing::InAdvance);
  EXPECT_EQ(f.proration, syntax::Fee::Proration::ByDay);
  auto other = right(fee, "fee base at 1 USD per day, not prorated, in arrears");
  EXPECT_EQ(other.timing, syntax::Fee::Timing::InArrears);
  EXPECT_EQ(other.proration, syntax::Fee::Proration::None);
  EXPECT_EQ(right(fee, "fee base at 1 USD per day").timing, syntax::Fee::Timing::Unsaid);
}

TEST(Fee, IsPerATimeOrOnce) {
  EXPECT_FALSE(right(fee, "fee base at 1 USD per month").once);
  const auto once = right(fee, "fee setup \"Setup\" at 500.00 USD or 450.00 EUR once, in advance");
  EXPECT_TRUE(once.once);
  EXPECT_EQ(once.per.text, "once");
  EXPECT_EQ(once.price.others.size(), 1u);
  EXPECT_EQ(once.timing, syntax::Fee::Timing::InAdvance);
  EXPECT_FALSE(right(fee, "fee setup at 1 USD per once").once);  // for the checker to refuse
}

TEST(Bill, TakesAPercentageOrAnAmount) {
  auto discount = right(bill_line, "bill discount 10% \"Partner\"");
  EXPECT_EQ(discount.kind, syntax::MoneyLine::Kind::Discount);
  EXPECT_EQ(show(discount.percent), "10%");
  EXPECT_EQ(show(discount.label), "Partner");
  auto minimum = right(bill_line, "bill minimum 49.00 USD");
  EXPECT_EQ(minimum.kind, syntax::MoneyLine::Kind::Minimum);
  EXPECT_EQ(show(minimum.amount), "49.00 USD");
  EXPECT_FALSE(minimum.percent);
  EXPECT_EQ(right(bill_line, "bill surcharge 1 USD").kind, syntax::MoneyLine::Kind::Surcharge);
  EXPECT_EQ(right(bill_line, "bill maximum 1 USD").kind, syntax::MoneyLine::Kind::Maximum);
}

TEST(Limit, IsBoundedOrNot) {
  auto bounded = right(limit, "limit api_calls to 50,000 calls per month then block");
  EXPECT_EQ(bounded.subject.text, "api_calls");
  EXPECT_EQ(show(bounded.to), "50000 calls");
  EXPECT_EQ(show(bounded.per), "month");
  EXPECT_EQ(show(bounded.action), "block");
  EXPECT_FALSE(right(limit, "limit seats to 5 seats then allow").per);
  EXPECT_FALSE(right(limit, "limit api_calls unlimited").to);
}

TEST(Alert, ReachesOrFalls) {
  auto share = right(alert, "alert when api_calls reaches 80% of included, notify customer, sales");
  EXPECT_EQ(show(share.percent), "80%");
  EXPECT_EQ(show(share.of), "included");
  EXPECT_EQ(show(share.notify), "customer sales");
  EXPECT_EQ(show(right(alert, "alert when bill reaches 400 USD").quantity), "400 USD");
  auto falls = right(alert, "alert when compute falls to 20%");
  EXPECT_TRUE(falls.falls);
  EXPECT_EQ(show(falls.percent), "20%");
}

TEST(Guarantee, IsASentenceFromTheMenu) {
  using Kind = syntax::Guarantee::Kind;
  EXPECT_EQ(right(guarantee, "guarantee bill never decreases").kind, Kind::NeverDecreases);
  auto cliff = right(guarantee, "guarantee no cliff above 200 USD for seats, storage");
  EXPECT_EQ(cliff.kind, Kind::NoCliff);
  EXPECT_EQ(show(cliff.amount), "200 USD");
  EXPECT_EQ(show(cliff.meters), "seats storage");
  auto most =
      right(guarantee, "guarantee bill at most 0 USD while a up to 1M calls while b up to 2 GiB");
  EXPECT_EQ(most.kind, Kind::AtMost);
  ASSERT_EQ(most.whiles.size(), 2u);
  EXPECT_EQ(most.whiles[1].meter.text, "b");
  EXPECT_EQ(show(most.whiles[1].up_to), "2 GiB");
  EXPECT_EQ(right(guarantee, "guarantee bill at least 49 USD").kind, Kind::AtLeast);
  EXPECT_EQ(right(guarantee, "guarantee unit price never increases for storage").kind,
            Kind::UnitPriceNeverIncreases);
}

// ---- Charges ----

TEST(Charge, IsOnAMeterByDimensions) {
  auto c = right(charge, "charge routing \"Priority routing\" on api_calls by region, tier");
  EXPECT_EQ(c.name.text, "routing");
  EXPECT_EQ(show(c.label), "Priority routing");
  EXPECT_EQ(show(c.on), "api_calls");
  EXPECT_EQ(show(c.by), "region tier");
  EXPECT_FALSE(right(charge, "charge api_calls").on);
  EXPECT_EQ(show(right(charge, "charge api_calls by region").by), "region");
  EXPECT_EQ(show(right(charge, "charge a on b").on), "b");
}

template <typename T>
T line_of_charge(const std::string& text) {
  auto line = right(charge_line, text);
  EXPECT_TRUE(std::holds_alternative<T>(line)) << text;
  return std::get<T>(line);
}

TEST(ChargeLine, IncludesAndRoundsQuantities) {
  using syntax::Included, syntax::Reach, syntax::RoundedTo;
  auto included = line_of_charge<Included>("included 400,000 GiB-seconds shared");
  EXPECT_EQ(show(included.quantity), "400000 GiB-seconds");
  EXPECT_EQ(included.reach, Reach::Shared);
  EXPECT_EQ(line_of_charge<Included>("included 1 GiB in each row").reach, Reach::InEachRow);
  EXPECT_EQ(line_of_charge<Included>("included 1 GiB").reach, Reach::Unsaid);
  auto rounded = line_of_charge<RoundedTo>("rounded half-even to 0.5 GiB");
  EXPECT_EQ(rounded.round.mode, RoundingMode::HalfEven);
  EXPECT_EQ(show(rounded.round.step), "0.5 GiB");
}

TEST(ChargeLine, NamesATierKind) {
  for (std::string kind : {"graduated", "volume", "stairstep"}) {
    EXPECT_EQ(line_of_charge<syntax::Tiers>("tiers " + kind).kind.text, kind);
  }
}

TEST(ChargeLine, ChangesAnAmount) {
  using syntax::MoneyLine, syntax::Reach;
  auto discount = line_of_charge<MoneyLine>("discount 50% when mode is batch or flex");
  EXPECT_EQ(discount.kind, MoneyLine::Kind::Discount);
  EXPECT_EQ(show(discount.percent), "50%");
  EXPECT_EQ(discount.when->dimension.text, "mode");
  EXPECT_EQ(show(discount.when->values), "batch flex");
  auto surcharge = line_of_charge<MoneyLine>("surcharge 1.00 USD in each row");
  EXPECT_EQ(surcharge.kind, MoneyLine::Kind::Surcharge);
  EXPECT_EQ(show(surcharge.amount), "1.00 USD");
  EXPECT_EQ(surcharge.reach, Reach::InEachRow);
  auto minimum = line_of_charge<MoneyLine>("minimum 5.00 USD in each row when mode is live");
  EXPECT_EQ(minimum.kind, MoneyLine::Kind::Minimum);
  EXPECT_EQ(show(minimum.when->values), "live");
  auto maximum = line_of_charge<MoneyLine>("maximum 50,000 USD shared");
  EXPECT_EQ(maximum.kind, MoneyLine::Kind::Maximum);
  EXPECT_EQ(maximum.reach, Reach::Shared);
}

TEST(Row, HasKeysABoundAndAPrice) {
  OneLine line("mini, any up to 1.5M tokens at 1.60 USD per 1M tokens + 0.10 USD flat");
  auto r = row(line.tokens());
  ASSERT_TRUE(r);
  EXPECT_EQ(show(r->keys), "mini any");
  EXPECT_EQ(show(r->up_to), "1500000 tokens");
  EXPECT_FALSE(r->beyond);
  EXPECT_FALSE(r->free);
  ASSERT_EQ(r->price.size(), 2u);
  EXPECT_EQ(r->price[0].kind, syntax::Term::Kind::PerUnit);
  EXPECT_EQ(show(r->price[0].money), "1.60 USD");
  EXPECT_EQ(r->price[0].count->value.to_string(), "1000000");
  EXPECT_EQ(show(r->price[0].unit), "tokens");
  EXPECT_EQ(r->price[1].kind, syntax::Term::Kind::Flat);
  EXPECT_FALSE(r->price[1].unit);
  EXPECT_EQ(line.at(r->keys_span), "mini, any");
  EXPECT_EQ(line.at(r->bound_span), "up to 1.5M tokens");
  EXPECT_EQ(line.at(r->price_span), "1.60 USD per 1M tokens + 0.10 USD flat");
  EXPECT_EQ(line.at(r->price[1].span), "0.10 USD flat");
  EXPECT_EQ(r->span, (Span{0, static_cast<uint32_t>(line.tokens().back().span.end)}));
}

TEST(Row, NeedsNoKeysAndNoBound) {
  auto started = right(row, "at 5.00 USD per started 1,000 calls");
  EXPECT_TRUE(started.keys.empty());
  EXPECT_EQ(started.price[0].kind, syntax::Term::Kind::PerStarted);
  EXPECT_EQ(started.price[0].count->value.to_string(), "1000");
  EXPECT_FALSE(right(row, "at 5.00 USD per started call").price[0].count);
  EXPECT_TRUE(right(row, "beyond at 1 USD per call").beyond);
  EXPECT_TRUE(right(row, "up to 100 GiB free").free);
  EXPECT_TRUE(right(row, "mini free").free);
  EXPECT_TRUE(right(row, "free").price.empty());
}

TEST(Row, TakesAlmostAnyWordForAKey) {
  for (std::string key : {"card", "included", "rounded", "per", "flat", "paid", "tiers", "other"}) {
    EXPECT_EQ(right(row, key + " at 1 USD flat").keys.at(0).text, key);
  }
}

// ---- Examples ----

TEST(Example, HasATitleAndPerhapsDays) {
  auto e = right(example, "example \"Moved in\" in 2026-03 from 2026-03-10 until 2026-03-20");
  EXPECT_EQ(e.title.text, "Moved in");
  EXPECT_EQ(show(e.month), "2026-03");
  EXPECT_EQ(to_string(e.from->value), "2026-03-10");
  EXPECT_EQ(to_string(e.until->value), "2026-03-20");
  EXPECT_FALSE(right(example, "example \"x\"").month);
  EXPECT_FALSE(right(example, "example \"x\" in 2026-03 until 2026-03-20").from);
  auto i = right(invoice, "invoice \"Acme\" for api_platform in 2026-03");
  EXPECT_EQ(show(i.card), "api_platform");
}

TEST(Use, HasKeysAndQuantities) {
  auto plain = right(use, "use api_calls 250,000 calls");
  EXPECT_TRUE(plain.keys.empty());
  EXPECT_EQ(show(plain.items.at(0).quantity), "250000 calls");
  auto items = right(use, "use payments domestic, other: 40 times 100.00 USD, 9.99 USD");
  EXPECT_EQ(items.meter.text, "payments");
  EXPECT_EQ(show(items.keys), "domestic other");
  ASSERT_EQ(items.items.size(), 2u);
  EXPECT_EQ(items.items[0].times->value.to_string(), "40");
  EXPECT_EQ(show(items.items[0].quantity), "100.00 USD");
  EXPECT_FALSE(items.items[1].times);
  EXPECT_EQ(show(items.items[1].quantity), "9.99 USD");
}

TEST(Expect, HasAPathAndAnAmount) {
  auto e = right(expect, "expect tokens/large/input 300.00 USD");
  EXPECT_EQ(show(e.path), "tokens large input");
  EXPECT_EQ(show(e.amount), "300.00 USD");
}

}  // namespace
}  // namespace toll::dsl::grammar
