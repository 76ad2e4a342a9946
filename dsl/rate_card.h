// RateCard: one checked version of a card, in one of its plans and currencies. Names are resolved,
// units converted to each meter's own unit, tables completed; what is left is exact numbers and
// where each came from.
// A RateCard that `check` returned without errors can always be rated: the only failures left are an
// amount that does not fit, and usage above a table that a blocking limit closes.
// Plain values; immutable once checked, so any number of threads may read one.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/date.h"
#include "base/money.h"
#include "base/ratio.h"
#include "base/rounding.h"
#include "dsl/event_binding.h"
#include "dsl/source.h"
#include "dsl/syntax.h"

namespace toll::dsl {

/// Where something stands, in a form that survives the source text: explain and errors print it.
struct SourceLine {
  std::string file;  ///< base name, e.g. "api_platform.toll"
  uint32_t line = 0;
  std::string text;  ///< the statement, its words one blank apart
  Place place;       ///< for diagnostics while the source is at hand
};

struct Dimension {
  std::string name;
  std::vector<std::string> values;  ///< in declared order
  bool open = false;                ///< the last value is `other` and takes what is not listed
  std::shared_ptr<const syntax::Dimension> declaration;  ///< never null; the cards share it
  DimensionBinding binding;         ///< how it follows from an event
};

/// What the lines of a charge act on: the quantity of a cell, each item of it, or the quantity of
/// each of its days; then the amounts of a cell are added up.
enum class Grain { Cell, Item, Day };

struct Meter {
  std::string name;
  std::string unit;                   ///< singular, as shown after `per`
  std::string unit_plural;
  std::vector<uint32_t> dimensions;   ///< into RateCard::dimensions
  Grain grain = Grain::Cell;          ///< how its usage is given: Item and Day where a charge prices
                                      ///< each item or each day of it
  std::shared_ptr<const syntax::Meter> declaration;  ///< never null; the cards share it
  EventBinding binding;               ///< how events feed it
  SourceLine source;
};

/// A unit that prices may be in instead of money, and pools hold: `credit`. Its amounts are exact,
/// never rounded, and no part of a total.
struct CreditUnit {
  std::string name;                   ///< singular
  std::string plural;

  friend bool operator==(const CreditUnit&, const CreditUnit&) = default;
};

struct Fee {
  std::string name, label;
  int64_t amount_minor = 0;           ///< per billing period or term, or once
  bool prorated_by_day = false;
  bool in_advance = false;
  bool once = false;                  ///< its term is the whole subscription
  std::optional<PeriodUnit> term{};   ///< longer than the billing period
  SourceLine source;

  /// Whether it is due in the periods only in which a term begins, and whole.
  bool has_term() const { return once || term; }
};

/// How a price follows from what a unit costs: cost ÷ (1 − margin), or cost × (1 + markup), rounded.
struct CostPlus {
  Ratio fraction;
  bool markup = false;  ///< else a margin, < 1
  RoundingMode mode = RoundingMode::Up;
  Ratio step_minor;     ///< of the price for what the cost table is per

  friend bool operator==(const CostPlus&, const CostPlus&) = default;
};

/// A summand of a price. Money is in minor units (cents), quantity in the meter's unit. A percentage
/// of a meter's money is a price per unit of it, and an amount for each item is flat: so the kinds
/// Percent and PerItem do not occur here.
struct Term {
  syntax::Term::Kind kind = syntax::Term::Kind::Flat;
  Ratio price_minor;  ///< per unit; per started block; flat
  Ratio block;        ///< PerStarted: units in a block, > 0
  std::optional<CostPlus> cost_plus{};  ///< PerUnit: where the price comes from
};

struct Tier {
  std::optional<Ratio> up_to;  ///< inclusive, in the meter's unit; empty: beyond
  std::vector<Ratio> also_up_to;  ///< of a joint capacity: the bounds of the other meters
  std::vector<Term> terms;     ///< empty: free
  std::string derived{};       ///< of cost-plus prices what they come to: "0.70 USD per GPU-hour"
  SourceLine source;
};

enum class TierKind { None, Graduated, Volume, Stairstep };

/// What is held against the bounds of a charge's tiers. Volume tiers only, but for Own.
enum class TierBy {
  Own,    ///< the quantity that is priced
  Rows,   ///< `across rows`: the sum of the quantities of all cells
  Meter,  ///< `by METER`: what was used of another meter, over all of its cells
  Joint,  ///< the quantities of several meters, each with a bound of its own; one flat price
};

/// The prices of one or more cells. Kind None: exactly one tier without bound.
/// Otherwise bounds rise; the last has none unless a blocking limit closes the table. A first tier
/// `up to 0` is due at quantity 0: in volume and stairstep at 0 only, in graduated always.
/// Stairstep tiers have flat terms only. Where something else than the quantity itself is held
/// against the bounds (TierBy), nothing is due at quantity 0 and `up to 0` is a tier like any other.
struct PriceTable {
  TierKind kind = TierKind::None;
  std::vector<Tier> tiers;
  std::optional<uint32_t> closed_by;  ///< into RateCard::limits, when the last tier is bounded
};

using Reach = syntax::Reach;  ///< Unsaid in a charge without `by` that is not `each`

/// In an `each` charge a Shared allowance is a number of items (IncludedItems), or a quantity that
/// the items use up. Such lines stand together and act as one: an item costs nothing while every one
/// of them has room for it, and once one has not, all of them have ended.
///
/// IncludedShare is a part of what another charge above comes to before it is rounded, in the same
/// period, or of a charge by day on the same day.
struct QuantityStep {
  enum class Kind { Included, IncludedItems, IncludedShare, Rounded } kind = Kind::Included;
  Ratio quantity;                       ///< allowance, or the step that is rounded to; of a share
                                        ///< how much of the meter's unit for each minor unit
  uint32_t of = 0;                      ///< IncludedShare: into RateCard::charges
  RoundingMode mode = RoundingMode::Up;
  Reach reach = Reach::Unsaid;
  bool prorated = false;                ///< Included: a part of the period has its part of it
  std::optional<PeriodUnit> per{};      ///< Included: for a time longer than the billing period
  SourceLine source;
};

/// Acts only where the dimension has one of the values. In an `each item` charge every item has a
/// value of each of the meter's dimensions. Elsewhere, where the dimension is none of the charge's
/// `by`, the step is a percentage, the charge is priced per unit only, without quantity steps, and no
/// amount of money stands above the step: only then is the part of an amount that it names defined.
struct Condition {
  uint32_t dimension = 0;               ///< into RateCard::dimensions; one of the meter's
  std::vector<uint32_t> values;         ///< value indices, ascending
  bool in_by = false;                   ///< one of the charge's `by` dimensions
};

struct MoneyStep {
  syntax::MoneyLine::Kind kind = syntax::MoneyLine::Kind::Discount;
  std::optional<Ratio> fraction;        ///< of a percent line: 1/10 for 10%
  int64_t amount_minor = 0;             ///< of a fixed line
  bool prorated_by_day = false;         ///< of a minimum or maximum
  Reach reach = Reach::Unsaid;
  std::optional<Condition> condition;
  SourceLine source;
};

/// A fee or a charge, in the order of the text: the order of the invoice's lines.
struct ItemRef {
  enum class Kind { Fee, Charge } kind;
  uint32_t index;
};

inline constexpr uint32_t kNoMeter = ~uint32_t{0};

/// A charge prices what was used of a meter, or is a share of charges and fees above it: then its
/// quantity is the sum of their rounded lines in minor units, its bounds are in minor units too, and
/// a percentage is a price per unit.
///
/// A charge that is priced in credits has credits wherever others have minor units. Its lines are no
/// money: pools pay for them.
///
/// A cell is one tuple of values of the `by` dimensions; its index is mixed radix with the last
/// dimension fastest. A charge without `by` has the one cell 0.
struct Charge {
  std::string name, label;
  uint32_t meter = 0;                        ///< into RateCard::meters; of a share: kNoMeter
  std::vector<ItemRef> share_of;             ///< in text order; empty: a meter is priced
  TierBy tier_by = TierBy::Own;
  std::vector<uint32_t> tier_meters;         ///< TierBy::Meter: it; Joint: those after the first
  std::optional<uint32_t> credit;            ///< into RateCard::credits; empty: priced in money
  Grain grain = Grain::Cell;
  std::vector<uint32_t> by;                  ///< into RateCard::dimensions
  std::vector<QuantityStep> quantity_steps;  ///< in text order
  std::vector<PriceTable> tables;            ///< in row order
  std::vector<uint32_t> table_of_cell;       ///< size: product of the `by` dimensions' value counts
  std::vector<uint32_t> cells_in_row_order;  ///< order of lines and of a shared allowance
  std::vector<MoneyStep> money_steps;        ///< in text order; Shared ones stand last
  SourceLine source;

  bool is_share() const { return !share_of.empty(); }
};

/// How long something lasts: so many of a calendar unit.
struct Lasting {
  uint32_t count = 1;                   ///< > 0
  PeriodUnit unit = PeriodUnit::Month;
};

/// What holds credits, and what pays for the charges that are priced in them: `grants` of an amount,
/// each from a day and perhaps until another. What the last pool of a unit cannot pay, it bills or
/// blocks.
///
/// A pool in money draws on the total instead, after all other lines; its amounts are minor units.
struct Pool {
  std::string name, label;
  std::optional<uint32_t> credit;       ///< into RateCard::credits; empty: in the card's currency
  std::vector<uint32_t> charges;        ///< that it pays for, rising: all in its unit or those of `for`
  bool oldest_first = false;            ///< else the grant that expires soonest
  struct Grant {
    Ratio quantity;
    PeriodUnit every = PeriodUnit::Month;
    std::optional<Lasting> expires;     ///< empty: when the next one begins; with `rollover`: never
    SourceLine source;
  };
  std::vector<Grant> grants;            ///< in text order
  struct Sale {
    Ratio quantity;
    int64_t price_minor = 0;
    std::optional<Lasting> expires;
    SourceLine source;
  };
  std::vector<Sale> sales;
  std::optional<Ratio> rollover;        ///< of what grants leave at most this goes on
  enum class Beyond { Unsaid, Priced, Blocked } beyond = Beyond::Unsaid;
  std::vector<Term> price;              ///< Priced: per credit
  SourceLine beyond_source;
  SourceLine source;
};

/// Spending that was promised for a year, say: what is missing of it is due at the true-up.
struct Commitment {
  std::string name;
  PeriodUnit per = PeriodUnit::Year;    ///< and how often it is trued up
  std::vector<ItemRef> counts;          ///< whose lines count toward it; empty: all
};

/// A `bill` line, or a commitment: a minimum on the lines that count, with a name of its own.
struct BillStep {
  syntax::MoneyLine::Kind kind = syntax::MoneyLine::Kind::Discount;
  std::optional<Ratio> fraction;
  int64_t amount_minor = 0;
  bool prorated_by_day = false;         ///< of a minimum or maximum
  std::optional<Commitment> commitment;
  std::string label;
  SourceLine source;
};

struct Limit {
  std::optional<uint32_t> meter;        ///< empty: the bill
  std::optional<Ratio> to;              ///< in the meter's unit, or minor units; empty: unlimited
  std::string per, action;
  SourceLine source;
};
/// What a plan allows, beside what it costs.
struct Feature {
  std::string name;
  SourceLine source;
};
struct Alert {
  std::optional<uint32_t> meter;        ///< empty: the bill, or a pool
  std::optional<uint32_t> pool;         ///< it falls to `at`, a part of the last grant or sale
  std::optional<Ratio> at;              ///< in the meter's unit, or minor units; shares worked out
  syntax::Alert declaration;
  SourceLine source;
};
struct Guarantee {
  syntax::Guarantee::Kind kind;
  std::optional<int64_t> amount_minor;
  std::optional<Ratio> fraction;        ///< Margin
  std::vector<uint32_t> meters;         ///< empty: all
  struct Bound { uint32_t meter; Ratio up_to; };
  std::vector<Bound> whiles;
  std::string than;                     ///< NeverDearer: the other card ...
  std::optional<Date> than_from;        ///< ... and its version; empty where there is none
  SourceLine source;
};

/// What a meter costs from a day on: minor units per unit of it, by some of its dimensions. Cells as
/// of a Charge.
struct Cost {
  uint32_t meter = 0;
  Date from;
  std::vector<uint32_t> by;             ///< into Meter::dimensions
  std::vector<uint32_t> value_counts;   ///< beside `by`
  std::vector<Ratio> minor_of_cell;
};

/// One offer of one version, by what it is found by: RateCard's `name`, `from` and `offer`.
struct OfferKey {
  std::string card;
  Date from;
  uint32_t offer = 0;
  friend auto operator<=>(const OfferKey&, const OfferKey&) = default;
  bool is_of_version(const OfferKey& other) const { return card == other.card && from == other.from; }
};

/// Usage and the amounts expected of it.
struct Example {
  std::string title;
  bool whole = false;                   ///< an `invoice`: every line and the total must stand
  std::string card;                     ///< an invoice: which card it asks for ...
  std::optional<std::string> customer;  ///< ... and for whom, who may have a deal on it
  Period period;                        ///< of one billing period the days that are covered
  std::optional<Date> since;            ///< since when the customer is one; default: the first of them
  struct Use {
    uint32_t meter = 0;
    std::vector<uint32_t> values;       ///< one per meter dimension
    Decimal quantity;                   ///< in the meter's unit, >= 0; of all items together
    struct Items { uint32_t times; Decimal quantity; };
    std::vector<Items> items;           ///< of a meter whose items or days are priced one by one
    std::optional<Date> from{}, until{};  ///< the part of the period in which it was used
  };
  std::vector<Use> uses;
  struct UsedToDate { uint32_t meter; Decimal quantity; };
  std::vector<UsedToDate> used_to_date;     ///< before this period, in a longer one
  struct BilledToDate { uint32_t bill_step; int64_t amount_minor; };
  std::vector<BilledToDate> billed_to_date; ///< toward a commitment
  struct Granted {
    uint32_t pool;
    Ratio quantity;                     ///< > 0
    std::optional<Date> from, expires;  ///< empty: before the period; never
  };
  std::vector<Granted> granted;
  struct Expect {
    std::string path;
    int64_t amount_minor = 0;           ///< negative for lines that take off: discounts, maximums
    std::optional<Ratio> credits{};     ///< of a line in credits, instead
    bool left = false;                  ///< `credits` are what the pool `path` has left
    SourceLine source;
  };
  std::vector<Expect> expects;
  /// Where the customer changes to another plan inside the period, or in an invoice another version or
  /// a deal begins, or a deal ends, one for each: of its offer and from its day on what was used; of the
  /// last, what came before the period; and what pools hold that only it has. All else stands here.
  std::vector<Example> changes;
  OfferKey offer;                       ///< whose meters and pools its lines name
  SourceLine source;

  /// Whether other versions bill some of its days.
  bool is_of_several_versions() const {
    for (const Example& change : changes)
      if (!change.offer.is_of_version(offer)) return true;
    return false;
  }
};

/// A unit, dimension, meter or cost table of the files that a card stands on.
struct Reached {
  enum class Kind : uint8_t { Unit, Dimension, Meter, Cost } kind;
  std::string name;
  Place block;  ///< all its lines, while the source is at hand
};

/// What is rounded. Tier: each row's slice of a graduated table, and every line. Item: each item of an
/// `each item` charge, and every other line. Bill: the total, which is then spread over the lines.
enum class RoundingPlace { Line, Item, Tier, Bill };

/// Whom a version is for, of those who were customers before it. New ones always have it.
struct AppliesTo {
  bool everyone = true;
  std::optional<Date> existing_from;  ///< where not everyone: the day on which they get it, if any

  /// Whether a version that begins on `from` is for a customer since `since`, on a later day `on`.
  bool to(Date from, Date on, Date since) const {
    return everyone || since >= from || (existing_from && on >= *existing_from);
  }
};

struct RateCard {
  std::string name, label;
  std::string plan, plan_label;         ///< empty: only what is common to all plans
  Date from;
  std::optional<Date> until;            ///< as written, or where the next version begins
  Currency currency;
  // The version as a whole. It is offered in each of its plans and currencies; this card is one.
  std::vector<std::string> plans;       ///< in the order of the text
  std::vector<Currency> currencies;
  uint32_t offer = 0;                   ///< its place among the version's offers
  AppliesTo applies;
  std::optional<Date> stated_until;     ///< `until` as it says itself
  std::optional<std::string> customer;  ///< it is for one customer only
  std::string deal_on;                  ///< the card that it changes for that customer; or empty
  struct Extended {
    std::string card;
    Date from;
  };
  std::vector<Extended> stands_on;      ///< the versions that it extends, the nearest first
  std::shared_ptr<const std::string> text;  ///< with all of it, and the rows of table files, worked
                                            ///< in; null where it stands on neither
  std::string time_zone = "UTC";
  PeriodUnit period = PeriodUnit::Month;
  RoundingMode rounding = RoundingMode::HalfUp;
  int64_t rounding_step_minor = 1;      ///< `to 0.05 CHF` is 5
  RoundingPlace rounding_place = RoundingPlace::Line;
  std::vector<Dimension> dimensions;    ///< those the card's meters use
  std::vector<Meter> meters;            ///< those the card reads, in order of first use
  std::vector<Fee> fees;
  std::vector<Charge> charges;
  std::vector<ItemRef> items;
  std::vector<CreditUnit> credits;      ///< in the order of the pools that first hold them
  std::vector<Pool> pools;              ///< in text order
  std::vector<BillStep> bill_steps;     ///< in text order
  std::vector<Limit> limits;
  std::vector<Feature> features;
  std::vector<Alert> alerts;
  std::vector<Guarantee> guarantees;
  std::vector<Cost> costs;              ///< that hold on its days, where it guarantees a margin
  std::vector<Example> examples;        ///< its own and the invoices that name it
  SourceLine source;
  Place block;                          ///< all its lines, while the source is at hand
  std::vector<Reached> reached;         ///< in the order of files and lines, each once
  std::string hash;                     ///< "sha256:..." of the canonical text and what it reaches

  OfferKey key() const { return {name, from, offer}; }
};

}  // namespace toll::dsl
