// The syntax tree of one file: what was written, with places, before any name is looked up.
// Plain values, copyable; spans are byte offsets into the file.
//
// A tree of a text with mistakes holds what could be read. A block says by `damaged` that some line
// of it could not: what seems to be missing from it may stand there.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/date.h"
#include "base/decimal.h"
#include "base/rounding.h"
#include "dsl/source.h"

namespace toll::dsl::syntax {

struct Word {
  std::string text;
  Span span;
};
struct Label {
  std::string text;  ///< without the quotes
  Span span;
};
struct Number {
  Decimal value;  ///< M and B already multiplied in; trailing zeros as written
  Span span;
};
struct Percent {
  Decimal value;  ///< 12.5 for 12.5%
  Span span;
};
struct DateLiteral {
  Date value;
  Span span;
};
/// NUMBER WORD: a quantity or, where the grammar wants money, an amount and its currency.
struct Quantity {
  Number number;
  Word unit;
  Span span;
  std::optional<Number> over = {};  ///< of credits in an example, `89,939/900 credits`: 900
};
/// 0.0083 USD or 0.0077 EUR: an amount, and what it is in the card's other currencies.
struct MoneyAmount {
  Number number;
  Word unit;
  Span span;                     ///< all of them
  std::vector<Quantity> others;  ///< after `or`
};

/// unit call, calls  |  unit kilotoken, kilotokens = 1,000 tokens
struct Unit {
  Word singular;
  std::optional<Word> plural;
  std::optional<Quantity> size;
  Span span;
};

/// A value of a dimension that is derived from a number: `short up to 200,000`, `long beyond`.
struct DerivedValue {
  Word name;
  std::optional<Number> up_to;  ///< empty: beyond
  Span span;
};
/// A value of a dimension by time: `peak Mon-Fri 08:00-20:00`, `off_peak otherwise`.
struct TimeValue {
  Word name;
  std::optional<Word> days;   ///< empty: otherwise
  std::optional<Word> hours;
  Span span;
};
struct Dimension {
  Word name;
  std::vector<Word> values;           ///< `is a, b, other`
  std::vector<Word> fields;           ///< `by input_tokens + cached_tokens`
  std::vector<DerivedValue> derived;  ///< rows below `by FIELD`
  bool by_time = false;
  std::optional<Word> zone;
  std::vector<TimeValue> times;       ///< rows below `by time`
  Span span;                          ///< the first line
  bool damaged = false;
};

/// `take input_tokens less cached_tokens as kind input`
struct Take {
  Word field;
  std::optional<Word> less;
  std::optional<Word> as_dimension, as_value;
  Span span;
};
/// `each rounded up to 0.001 GiB-seconds`
struct RoundTo {
  RoundingMode mode = RoundingMode::Up;
  Quantity step;
  Span span;
};
struct Meter {
  Word name;
  Word aggregate;                     ///< counts sums averages peaks latest accrues lists percentile
  bool distinct = false;              ///< counts distinct FIELD: `unit` is the field
  Word unit;
  std::optional<Number> percentile;
  std::optional<Word> every;          ///< hour | day, with percentile
  std::vector<Word> by;
  std::vector<Word> from;             ///< event types
  std::vector<Take> takes;
  std::optional<Word> step, until;
  std::optional<RoundTo> each_rounded;
  std::optional<Quantity> each_at_least;
  std::optional<Word> each_times;     ///< a field
  std::optional<Word> when;           ///< outcome meters
  std::optional<Quantity> within;
  std::optional<Word> after;
  std::optional<Word> unless;
  std::optional<Quantity> unless_within;
  std::optional<Word> once_per;
  Span span;                          ///< the first line
  bool damaged = false;
};

struct From { DateLiteral from; std::optional<DateLiteral> until; Span span; };
struct Currencies { std::vector<Word> names; Span span; };
struct TimeZone { Word name; Span span; };
struct PeriodLine { Word unit; Span span; };
struct RoundLine { Word place; RoundingMode mode; std::optional<Quantity> step; Span span; };
/// for customer northwind
struct ForCustomer { Word name; Span span; };
/// switch next period  |  switch at once
struct Switch { bool at_once = false; Span span; };
/// applies to new customers  |  applies to existing customers from 2027-01-01
struct AppliesTo {
  enum class Who { Everyone, NewCustomers, ExistingCustomers } who = Who::Everyone;
  std::optional<DateLiteral> from;     ///< of existing customers
  Span span;
};
using Header = std::variant<From, Currencies, TimeZone, PeriodLine, RoundLine, ForCustomer, Switch,
                            AppliesTo>;

/// fee base "Platform fee" at 500.00 USD per month, in advance, prorated by day
/// fee setup "Setup" at 250.00 USD once
struct Fee {
  Word name;
  std::optional<Label> label;
  MoneyAmount price;
  Word per;                            ///< or the word `once`
  bool once = false;
  enum class Timing { Unsaid, InAdvance, InArrears } timing = Timing::Unsaid;
  enum class Proration { Unsaid, ByDay, None } proration = Proration::Unsaid;
  Span span;
};

/// Which part of a charge an amount or allowance is for; Unsaid where the line does not say. Each is
/// for each item, or each day, of an `each` charge.
enum class Reach { Unsaid, Shared, InEachRow, Each };

/// when mode is batch or flex
struct When {
  Word dimension;
  std::vector<Word> values;
  Span span;
};

/// cost with 40% margin rounded up to 0.01 USD
struct CostPlus {
  Percent percent;
  bool markup = false;                 ///< else a margin
  std::optional<RoundTo> rounded;
  Span span;
};

/// One summand of a price: `0.0040 USD per call`, `5.00 USD per started 1,000 calls`, `50 USD flat`,
/// `10% of compute and storage`, `2.9%` of the money that is counted, `0.30 USD` for each item.
struct Term {
  MoneyAmount money;
  enum class Kind { PerUnit, PerStarted, Flat, Percent, PerItem, CostPlus } kind = Kind::Flat;
  std::optional<Percent> percent;  ///< Percent, and then no money
  std::vector<Word> of;            ///< Percent: the charges and fees above that it is a share of;
                                   ///< empty: of what the meter counts
  std::optional<CostPlus> cost;    ///< CostPlus, and then no money
  std::optional<Number> count;  ///< the 1,000 of `per 1,000 calls`
  std::optional<Word> unit;     ///< of PerUnit and PerStarted
  Span span;
};

/// included 100 GiB in each row  |  included 100,000 calls prorated  |  included 1.2M calls per year
/// included 10% of compute
struct Included {
  Quantity quantity;
  std::optional<Percent> percent;      ///< instead of the quantity, with `of`
  std::optional<Word> of;              ///< a charge
  std::optional<Word> per;             ///< the time that it is for, where that is not the period
  bool prorated = false;
  Reach reach = Reach::Unsaid;
  Span span;
};
struct RoundedTo { RoundTo round; Span span; };
/// tiers volume  |  tiers volume across rows  |  tiers volume by seats
struct Tiers {
  Word kind;                           ///< graduated | volume | stairstep
  bool across_rows = false;
  std::optional<Word> by;              ///< a meter
  Span span;
};
struct Row {
  std::vector<Word> keys;              ///< as written, `any` and `other` included
  bool beyond = false;
  std::optional<Quantity> up_to;
  std::vector<Quantity> also_up_to;    ///< `up to 10 members, up to 100 GB`: the bounds after the first
  bool free = false;
  std::vector<Term> price;             ///< empty when free
  Span keys_span, bound_span, price_span;
  Span span;                           ///< the whole row
};
/// rows from "sms.csv"
struct RowsFrom {
  Label file;
  Span span;
};
struct MoneyLine {
  enum class Kind { Discount, Surcharge, Minimum, Maximum } kind = Kind::Discount;
  std::optional<Percent> percent;      ///< exactly one of percent and amount
  std::optional<MoneyAmount> amount;
  bool prorated = false;               ///< by day: minimums and maximums only
  Reach reach = Reach::Unsaid;
  std::optional<When> when;
  Span span;
};
using ChargeLine = std::variant<Included, RoundedTo, Tiers, Row, MoneyLine, RowsFrom>;

struct Charge {
  Word name;
  std::optional<Label> label;
  std::optional<Word> on;              ///< the meter, when it is not called like the charge
  std::vector<Word> also_on;           ///< of a joint capacity: the meters after the first
  std::vector<Word> by;
  std::optional<Word> each;            ///< item | day
  std::vector<ChargeLine> lines;
  Span span;                           ///< the first line
  bool damaged = false;
};

/// cost gpu_cost "What the fleet costs us" on gpu_time by gpu, region
struct Cost {
  Word name;
  std::optional<Label> label;
  Word on;                             ///< a meter
  std::vector<Word> by;
  std::optional<DateLiteral> from;
  std::optional<Word> currency;
  std::vector<Row> rows;
  std::vector<RowsFrom> rows_from;
  Span span;                           ///< the first line
  bool damaged = false;
};

/// bill minimum 49.00 USD "Monthly minimum"
struct BillLine {
  MoneyLine::Kind kind = MoneyLine::Kind::Discount;
  std::optional<Percent> percent;
  std::optional<MoneyAmount> amount;
  bool prorated = false;               ///< by day: minimums and maximums only
  std::optional<Label> label;
  Span span;
};

/// commit annual 60,000.00 USD per year "Annual commitment"
struct Commit {
  Word name;
  MoneyAmount amount;
  Word per;
  std::optional<Label> label;
  struct Counts { std::vector<Word> names; Span span; };
  std::vector<Counts> counts;          ///< counts events, storage
  struct TrueUp { Word every; Span span; };
  std::vector<TrueUp> true_ups;        ///< true up every year
  Span span;                           ///< the first line
  bool damaged = false;
};

/// pool compute "Compute credits" in credit, credits for compute
struct Pool {
  Word name;
  std::optional<Label> label;
  std::vector<Word> in;                ///< the credit unit, or a currency
  std::vector<Word> of;                ///< the charges that it is for; empty: all in its unit
  /// grant 500 credits every month, expires after 12 months
  struct Grant { Quantity quantity; Word every; std::optional<Quantity> expires; Span span; };
  /// sell 1,000 credits for 2,700.00 USD, expires after 12 months
  struct Sale { Quantity quantity; MoneyAmount price; std::optional<Quantity> expires; Span span; };
  /// spend soonest-expiring first
  struct Order { Word first; Span span; };
  /// rollover up to 200 credits
  struct Rollover { Quantity up_to; Span span; };
  /// beyond at 3.00 USD per credit  |  beyond blocked
  struct Beyond { bool blocked = false; std::vector<Term> price; Span span; };
  std::vector<Grant> grants;
  std::vector<Sale> sales;
  std::vector<Order> orders;
  std::vector<Rollover> rollovers;
  std::vector<Beyond> beyonds;
  Span span;                           ///< the first line
  bool damaged = false;
};

/// plan pro "Pro": the items up to the next plan belong to it.
struct Plan {
  Word name;                           ///< empty where the line could not be read
  std::optional<Label> label;
  Span span;
};

/// feature dashboard, sso
struct Feature { std::vector<Word> names; Span span; };

/// limit api_calls to 50,000 calls per month then block  |  limit api_calls unlimited
struct Limit {
  Word subject;                        ///< a meter, or `bill`
  std::optional<Quantity> to;          ///< empty: unlimited
  std::optional<Word> per, action;     ///< block | throttle | allow
  Span span;
};

/// alert when api_calls reaches 80% of included, notify customer
struct Alert {
  Word subject;
  bool falls = false;
  std::optional<Percent> percent;
  std::optional<Word> of;              ///< included | limit
  std::optional<Quantity> quantity;
  std::vector<Word> notify;
  Span span;
};

struct While { Word meter; Quantity up_to; Span span; };
struct Guarantee {
  enum class Kind { NeverDecreases, NoCliff, AtMost, AtLeast, UnitPriceNeverIncreases, NeverDearer, Margin } kind;
  std::optional<MoneyAmount> amount;   ///< NoCliff, AtMost, AtLeast
  std::optional<Percent> percent;      ///< Margin
  std::optional<Word> than;            ///< NeverDearer: a card, or `previous`
  std::optional<DateLiteral> than_on;
  std::vector<Word> meters;            ///< `for storage, egress`
  std::vector<While> whiles;
  Span span;
};

/// use tokens large, input, live: 120M tokens
struct Use {
  Word meter;
  std::vector<Word> keys;
  struct Item { std::optional<Number> times; Quantity quantity; };
  std::vector<Item> items;             ///< those above the first Plan are common to all plans
  std::optional<DateLiteral> from, until;  ///< the part of the period in which it was used
  Span span;
};
/// granted 500 credits from 2026-05-01, expiring 2027-01-01
struct Granted {
  Quantity quantity;
  std::optional<DateLiteral> from, expiring;
  Span span;
};
struct Expect {
  std::vector<Word> path;              ///< `storage/standard`; `total`
  Quantity amount;
  bool left = false;                   ///< of a pool, not of a line
  Span span;
};
/// for customer northwind since 2025-11-01
struct OfCustomer {
  Word name;
  std::optional<DateLiteral> since;
  Span span;
};
/// used 700,000 calls to date
struct UsedToDate { Quantity quantity; Span span; };
/// billed 51,000.00 USD to date
struct BilledToDate { Quantity amount; Span span; };
/// on plan pro  |  on plan pro from 2026-03-16
struct OnPlan {
  Word plan;
  std::optional<DateLiteral> from;     ///< a change of plan
  Span span;
};
/// `example` in a card, `invoice "..." for CARD` by itself.
struct Example {
  Label title;
  std::optional<Word> card;            ///< invoices only
  std::optional<Word> month;           ///< in 2026-03
  std::optional<DateLiteral> from, until;
  std::optional<OnPlan> plan;
  std::vector<OnPlan> plan_changes;    ///< those with a day, in the order of the text
  std::optional<OfCustomer> customer;
  std::vector<Use> uses;
  std::vector<UsedToDate> used_to_date;
  std::vector<BilledToDate> billed_to_date;
  std::vector<Granted> granted;
  std::vector<Expect> expects;
  Span span;                           ///< the first line
  bool damaged = false;
};

/// A line below `change charge NAME`: as it reads from now on, and what it replaces.
struct ChangeLine {
  ChargeLine line;
  std::optional<Span> was;             ///< of the price or quantity after `was`
  Span span;                           ///< without `, was ...`
};
/// change charge api_calls  |  change fee base at 400.00 USD per month, was 500.00 USD per month
struct Change {
  Word what;                           ///< charge | fee
  Word name;
  Span price, was;                     ///< of a fee
  std::vector<ChangeLine> lines;       ///< of a charge
  Span span;                           ///< the first line
  bool damaged = false;
};
/// remove fee base
struct Remove {
  Word what;                           ///< charge | fee | limit | feature
  Word name;
  Span span;
};

using Item = std::variant<Fee, Charge, Pool, BillLine, Commit, Plan, Limit, Feature, Alert, Change,
                          Remove, Guarantee, Example>;

struct Card {
  Word name;
  std::optional<Label> label;
  std::optional<Word> extends;         ///< a card, or `previous`
  std::vector<Header> headers;
  std::vector<Item> items;
  Span span;                           ///< the first line
  Span block;                          ///< from `card` to the end of its last line
  bool damaged = false;
};

using Declaration = std::variant<Unit, Dimension, Meter, Cost, Card, Example>;

struct File {
  std::vector<Declaration> declarations;
  /// Names whose first line could not be read, so that their uses are not reported on top of it.
  std::vector<Word> unread;
};

}  // namespace toll::dsl::syntax
