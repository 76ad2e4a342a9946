// Reader: what one file says in numbers, turned into a card's own measures. Quantities become the
// meter's unit, prices and amounts minor units of the card's currency, percentages fractions.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/ratio.h"
#include "dsl/checker/report.h"
#include "dsl/checker/scope.h"
#include "dsl/checker/texts.h"
#include "dsl/rate_card.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// The currency of an offer, those of the card, and where the header says so; none when it does not
/// say it rightly, and then every currency is taken.
struct CardCurrency {
  std::optional<Currency> currency;
  Place place;                            ///< all of them
  std::vector<Currency> all;              ///< `currency` is one of them
  std::vector<CreditUnit> pooled = {};    ///< the credit units that the offer's pools hold
  bool pools_unread = false;              ///< there may be others in lines that were not read
  std::optional<CreditUnit> credit = {};  ///< what a charge is priced in, where that is no money
};

/// The first decimal and the first binary size of a charge: `TB` and `GiB` in one charge are most
/// often a mistake.
class SizesSeen {
 public:
  void note(const Unit& unit, Place place);

  struct Size {
    std::string name;
    Place place;
  };
  const std::optional<Size>& decimal() const { return decimal_; }
  const std::optional<Size>& binary() const { return binary_; }

 private:
  std::optional<Size> decimal_, binary_;
};

/// Every function reports what is wrong and then returns nothing.
class Reader {
 public:
  /// REQUIRES: all arguments outlive it.
  Reader(Scope& scope, Report& report, const Texts& texts, uint32_t file)
      : scope_(scope), report_(report), texts_(texts), file_(file) {}

  uint32_t file() const { return file_; }
  Place at(Span span) const { return {file_, span}; }
  SourceLine source(Span span) const { return texts_.source_line(at(span)); }
  std::string_view text(Span span) const { return texts_.text(at(span)); }
  /// The line of the card that it stands in: of a row in a table file, the one that names the file.
  uint32_t line(Span span) const {
    const Place* named = texts_.named_by(at(span));
    return texts_.line(named ? *named : at(span));
  }
  /// The user's words in backticks.
  std::string quoted_text(Span span) const;

  /// In the meter's unit. `subject` begins the sentence where the unit does not fit: "this tier
  /// ends at"; `before` is what stands before the quantity in the text: "up to ".
  std::optional<Ratio> quantity(const syntax::Quantity& quantity, const MeterEntry& meter,
                                std::string_view subject, std::string_view before = {});

  /// The same, above zero.
  std::optional<Ratio> positive_quantity(const syntax::Quantity& quantity, const MeterEntry& meter,
                                         std::string_view subject, std::string_view before = {});

  /// A price per unit, per block or flat, of a charge on `meter`.
  std::optional<Term> term(const syntax::Term& term, const MeterEntry& meter, Grain grain,
                           const CardCurrency& card);

  /// What a price is rounded to, in minor units, > 0.
  std::optional<Ratio> price_step(const syntax::Quantity& step, const CardCurrency& card);

  /// An amount on the bill, in whole minor units. `finer` says what else could have more digits.
  std::optional<int64_t> amount(const syntax::MoneyAmount& amount, const CardCurrency& card,
                                std::string_view finer = {});
  std::optional<int64_t> amount(const syntax::Quantity& amount, const CardCurrency& card) {
    return this->amount(only(amount), card);
  }

  /// Whether the amount is for the offer: false where it is in other currencies of the card only,
  /// as a guarantee or an alert may be.
  bool is_for(const syntax::MoneyAmount& amount, const CardCurrency& card) const;
  bool is_for(const syntax::Quantity& amount, const CardCurrency& card) const {
    return is_for(only(amount), card);
  }

  /// An amount that stands for all offers, such as a bound; E106 where `what` is in another
  /// currency than the offer.
  std::optional<syntax::Quantity> in_one_currency(const syntax::Quantity& amount,
                                                  const CardCurrency& card, std::string_view what);

  /// 1/10 for 10%.
  std::optional<Ratio> fraction(const syntax::Percent& percent);

  /// What the pools hold that a word names, as an index into CardCurrency::pooled.
  static std::optional<uint32_t> credit_of(const std::string& word, const CardCurrency& card);

  /// Whether the unit word of an amount is money at all.
  static bool is_money(const syntax::MoneyAmount& amount);

  /// The declared units that were named, for a card's identity.
  void note_unit(const Unit& unit) { units_.insert(unit.declared.begin(), unit.declared.end()); }
  const std::set<uint32_t>& units() const { return units_; }

  /// Amounts that leave out the currency of the offer: one error for all of them.
  std::vector<Place> unpriced;

  SizesSeen sizes;  ///< of the charge at hand; reset by whoever begins a charge

 private:
  static syntax::MoneyAmount only(const syntax::Quantity& amount) {
    return {amount.number, amount.unit, amount.span, {}};
  }
  const Unit* unit(const syntax::Word& word);
  void report_percentage(const syntax::Percent& percent, const MeterEntry& meter,
                         const CardCurrency& card);
  std::optional<Term> percentage(const syntax::Term& term, const MeterEntry& meter,
                                 const CardCurrency& card);
  std::optional<Term> flat(const syntax::Term& term, const CardCurrency& card);
  std::optional<Term> price_of_units(const syntax::Term& term, const MeterEntry& meter,
                                     const CardCurrency& card);
  /// Of an amount in several currencies the one that the offer bills in; empty, and reported, where
  /// there is none, or where another one is wrong.
  std::optional<syntax::Quantity> in_currency(const syntax::MoneyAmount& amount,
                                              const CardCurrency& card);
  bool check_currency(const syntax::Quantity& amount, const CardCurrency& card);
  void report_credits(const syntax::Quantity& amount, const CardCurrency& card);
  std::optional<syntax::Quantity> in_credits(const syntax::MoneyAmount& amount,
                                             const CardCurrency& card);
  std::optional<int64_t> whole_credits(const syntax::Quantity& amount, const CardCurrency& card);
  bool is_price_in_credits(const syntax::Term& term, const CardCurrency& card);
  std::optional<Ratio> price_per_unit(const syntax::Term& term, const Ratio& price,
                                      const Ratio& count, const Unit& unit,
                                      const MeterEntry& meter);

  Scope& scope_;
  Report& report_;
  const Texts& texts_;
  const uint32_t file_;
  std::set<uint32_t> units_;
};

}  // namespace toll::dsl::checker
