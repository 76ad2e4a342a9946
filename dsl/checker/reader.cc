#include "dsl/checker/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/checker/cost_plus.h"
#include "dsl/checker/numbers.h"
#include "dsl/checker/unit_mismatch.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {

void SizesSeen::note(const Unit& unit, Place place) {
  const auto name_of_size = [&] {
    for (const UnitPart& part : unit.parts) {
      if (part.size) return part.singular;
    }
    return unit.singular;
  };
  if (unit.decimal_size && !decimal_) decimal_ = {name_of_size(), place};
  if (unit.binary_size && !binary_) binary_ = {name_of_size(), place};
}

std::string Reader::quoted_text(Span span) const { return quoted(texts_.text(at(span))); }

const Unit* Reader::unit(const syntax::Word& word) {
  const Unit* unit = scope_.unit(word, file_);
  if (unit) note_unit(*unit);
  return unit;
}

bool Reader::is_money(const syntax::MoneyAmount& amount) {
  return find_currency(amount.unit.text).has_value();
}

std::optional<Ratio> Reader::quantity(const syntax::Quantity& quantity, const MeterEntry& meter,
                                      std::string_view subject, std::string_view before) {
  auto number = read_number(quantity.number, file_, kQuantityLimits, report_);
  const Unit* unit = this->unit(quantity.unit);
  if (!number || !unit) return std::nullopt;
  if (!convertible(*unit, *meter.unit)) {
    report_quantity_mismatch(quantity, at(quantity.unit.span), *unit, meter,
                             texts_.text(at(quantity.span)), subject, before, report_);
    return std::nullopt;
  }
  sizes.note(*unit, at(quantity.unit.span));
  auto converted = convert(*number, *unit, *meter.unit);
  if (!converted) {
    report_.add("E129",
                fmt::format("this quantity has too many digits in {}", meter.meter.unit_plural),
                at(quantity.span));
  }
  return converted;
}

std::optional<Ratio> Reader::positive_quantity(const syntax::Quantity& quantity,
                                               const MeterEntry& meter, std::string_view subject,
                                               std::string_view before) {
  auto value = this->quantity(quantity, meter, subject, before);
  if (value && value->is_zero()) {
    report_.add("E128", "this quantity cannot be zero", at(quantity.number.span))
        .help("leave the line out");
    return std::nullopt;
  }
  return value;
}

namespace {

/// "USD", "USD and EUR".
std::string names_of(const std::vector<Currency>& currencies) {
  std::vector<std::string> names;
  for (const Currency& currency : currencies) names.emplace_back(currency.name());
  return listed(names);
}

std::string lower_case(std::string_view code) {
  std::string lower(code);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

/// The amount in each of the currencies that it names.
std::vector<syntax::Quantity> all_of(const syntax::MoneyAmount& amount) {
  const uint32_t end = amount.unit.span.end;
  std::vector<syntax::Quantity> all{{amount.number, amount.unit, {amount.span.begin, end}}};
  all.insert(all.end(), amount.others.begin(), amount.others.end());
  return all;
}

}  // namespace

/// Whether the amount is in a currency of the card.
bool Reader::check_currency(const syntax::Quantity& amount, const CardCurrency& card) {
  const std::string& code = amount.unit.text;
  auto currency = find_currency(code);
  if (!currency && (credit_of(code, card) || scope_.is_unit(code))) {
    report_credits(amount, card);
    return false;
  }
  if (!currency) {
    auto finding = report_.add("E113", fmt::format("{} is not a currency", quoted(code)),
                               at(amount.unit.span));
    if (code == "cent" || code == "cents")
      finding.help("write a hundredth of the number, in the currency: 2.2 cents are `0.022 USD`");
    else
      finding.help(card.all.size() == 1
                       ? fmt::format("write `{}`, the currency of this card", card.all[0].name())
                       : std::string("write the three letters of a currency, as in `5.00 USD`"));
    return false;
  }
  if (!card.currency || std::ranges::find(card.all, *currency) != card.all.end()) return true;
  report_
      .add("E105",
           fmt::format("this amount is in {}, but the card bills in {} only", code,
                       names_of(card.all)),
           at(amount.unit.span))
      .see(card.place, "declared here")
      .why("Toll never converts currencies")
      .help(card.all.size() == 1
                ? fmt::format("write the amount in {}, or add {} to `currency` and write every "
                              "price in both",
                              names_of(card.all), code)
                : fmt::format("leave it out, or add {} to `currency`", code));
  return false;
}

std::optional<uint32_t> Reader::credit_of(const std::string& word, const CardCurrency& card) {
  for (uint32_t i = 0; i < card.pooled.size(); ++i)
    if (word == card.pooled[i].name || word == card.pooled[i].plural) return i;
  return std::nullopt;
}

/// An amount in a unit, where only money can be: E401 where no pool holds the unit.
void Reader::report_credits(const syntax::Quantity& amount, const CardCurrency& card) {
  const Place place = at(amount.unit.span);
  const Unit* unit = this->unit(amount.unit);
  if (!unit) return;
  if (credit_of(amount.unit.text, card)) {
    report_
        .add("E403", fmt::format("this amount is in {}, but it is one of money", unit->plural),
             place)
        .help(fmt::format("write it in {}; only the lines of a charge that is priced in {} are "
                          "in them",
                          card.currency ? card.currency->name() : "money", unit->plural));
    return;
  }
  if (card.pools_unread) return report_.hold_back();
  report_
      .add("E401",
           fmt::format("price in {}, but no pool holds {}", unit->plural, quoted(unit->singular)),
           place)
      .help(fmt::format("if they are credits, add a pool of them: `pool NAME in {}, {}` with a "
                        "`beyond` line; else write a currency such as `USD`",
                        unit->singular, unit->plural));
}

/// The same of a charge that is priced in credits.
std::optional<syntax::Quantity> Reader::in_credits(const syntax::MoneyAmount& amount,
                                                   const CardCurrency& card) {
  const CreditUnit& credit = *card.credit;
  const std::vector<syntax::Quantity> amounts = all_of(amount);
  const auto is_other = [&](const syntax::Quantity& one) {
    return one.unit.text != credit.name && one.unit.text != credit.plural;
  };
  const auto other = std::ranges::find_if(amounts, is_other);
  if (other == amounts.end() && amounts.size() == 1) {
    this->unit(amounts.front().unit);
    return amounts.front();
  }
  const bool twice = other == amounts.end();
  report_
      .add("E403",
           twice ? fmt::format("this is priced in {} twice", credit.plural)
                 : fmt::format("this charge is priced in {}, and this amount is in {}",
                               credit.plural, other->unit.text),
           at(twice ? amounts[1].unit.span : other->unit.span))
      .why("credits and money are never added up")
      .help(fmt::format("write the amount in {}, or a charge of its own for what costs money",
                        credit.plural));
  return std::nullopt;
}

std::optional<syntax::Quantity> Reader::in_currency(const syntax::MoneyAmount& amount,
                                                    const CardCurrency& card) {
  if (card.credit) return in_credits(amount, card);
  const std::vector<syntax::Quantity> amounts = all_of(amount);
  std::optional<syntax::Quantity> found;
  bool sound = true;
  for (size_t i = 0; i < amounts.size(); ++i) {
    const syntax::Word& unit = amounts[i].unit;
    if (!check_currency(amounts[i], card)) {
      sound = false;
      continue;
    }
    if (!found && (!card.currency || unit.text == card.currency->name())) found = amounts[i];
    for (size_t before = 0; before < i; ++before) {
      if (amounts[before].unit.text != unit.text) continue;
      report_.add("E120", fmt::format("this is priced in {} twice", unit.text), at(unit.span))
          .help("keep one of the two");
      sound = false;
    }
  }
  if (!found && sound) {
    unpriced.push_back(at(amount.span));
    report_.hold_back();
  }
  return sound ? found : std::nullopt;
}

std::optional<syntax::Quantity> Reader::in_one_currency(const syntax::Quantity& amount,
                                                        const CardCurrency& card,
                                                        std::string_view what) {
  if (!check_currency(amount, card)) return std::nullopt;
  if (!card.currency || amount.unit.text == card.currency->name()) return amount;
  report_
      .add("E106",
           fmt::format("{} is in {}, but the card bills in {} too", what, amount.unit.text,
                       card.currency->name()),
           at(amount.span))
      .see(card.place, "declared here")
      .why("there is one such amount for all currencies, and Toll never converts")
      .help(fmt::format("bill in {} with a card of its own", card.currency->name()));
  return std::nullopt;
}

bool Reader::is_for(const syntax::MoneyAmount& amount, const CardCurrency& card) const {
  const auto other = [&](const syntax::Quantity& one) {
    auto currency = find_currency(one.unit.text);
    return card.currency && currency && *currency != *card.currency &&
           std::ranges::find(card.all, *currency) != card.all.end();
  };
  return !std::ranges::all_of(all_of(amount), other);
}

std::optional<Ratio> Reader::price_step(const syntax::Quantity& step, const CardCurrency& card) {
  const auto found = in_one_currency(step, card, "what this price is rounded to");
  auto number = found ? read_number(step.number, file_, kPriceLimits, report_) : std::nullopt;
  if (!number) return std::nullopt;
  if (number->is_zero()) {
    report_.add("E128", "a price cannot be rounded to zero", at(step.number.span))
        .help("write the smallest part that the price may have, such as `0.01 USD`");
    return std::nullopt;
  }
  return checked_mul(*number, Ratio(power_of_ten(find_currency(step.unit.text)->exponent)));
}

std::optional<int64_t> Reader::amount(const syntax::MoneyAmount& money, const CardCurrency& card,
                                      std::string_view finer) {
  const auto found = in_currency(money, card);
  if (!found) return std::nullopt;
  const syntax::Quantity& amount = *found;
  if (card.credit) return whole_credits(amount, card);
  const auto currency = find_currency(amount.unit.text);
  if (!read_number(amount.number, file_, kAmountLimits, report_)) return std::nullopt;
  if (auto minor = to_minor(amount.number.value, *currency)) return minor;
  const bool too_fine = !mantissa_at(amount.number.value.normalized(), currency->exponent);
  if (!too_fine) {
    report_.add("E129", "this amount is too large", at(amount.number.span),
                fmt::format("an amount is at most {} {}",
                            format_minor_grouped(std::numeric_limits<int64_t>::max(), *currency),
                            currency->name()));
    return std::nullopt;
  }
  report_
      .add("E107",
           fmt::format("an amount cannot have a part smaller than {} {}",
                       format_minor(1, *currency), currency->name()),
           at(amount.number.span),
           fmt::format("{} has {}", currency->name(), counted(currency->exponent, "decimal place")))
      .help(finer.empty() ? "prices per unit may have more digits (`per ...`); flat amounts, fees, "
                            "minimums and maximums may not"
                          : std::string(finer));
  return std::nullopt;
}

/// A fixed amount of a charge that is priced in credits.
std::optional<int64_t> Reader::whole_credits(const syntax::Quantity& amount,
                                             const CardCurrency& card) {
  auto number = read_number(amount.number, file_, kAmountLimits, report_);
  if (!number) return std::nullopt;
  if (number->denominator() == 1 && fits_int64(number->numerator()))
    return static_cast<int64_t>(number->numerator());
  report_
      .add("E107",
           fmt::format("an amount of {} in this line is a whole number", card.credit->plural),
           at(amount.number.span))
      .help(
          "prices may have more digits; fixed discounts, surcharges, minimums and maximums may "
          "not");
  return std::nullopt;
}

std::optional<Ratio> Reader::fraction(const syntax::Percent& percent) {
  auto number = read_number(percent.value, at(percent.span), kPercentLimits, report_);
  return number ? checked_div(*number, Ratio(100)) : std::nullopt;
}

std::optional<Ratio> Reader::price_per_unit(const syntax::Term& term, const Ratio& price,
                                            const Ratio& count, const Unit& unit,
                                            const MeterEntry& meter) {
  auto per_unit = checked_div(price, count);
  if (per_unit) per_unit = convert(*per_unit, *meter.unit, unit);
  if (!per_unit) {
    report_.add("E129", fmt::format("this price has too many digits per {}", meter.meter.unit),
                at(term.span));
  }
  return per_unit;
}

/// E105, E108. In a card of several currencies no meter is a way out: what it counts is in one.
void Reader::report_percentage(const syntax::Percent& percent, const MeterEntry& meter,
                               const CardCurrency& card) {
  const auto counted = find_currency(meter.meter.unit);
  const bool several = card.all.size() > 1;
  const bool billed = counted && std::ranges::find(card.all, *counted) != card.all.end();
  auto finding = report_.add(
      counted ? "E105" : "E108",
      counted
          ? fmt::format("this is a percentage of {}, but the card bills in {} {}", meter.meter.unit,
                        billed ? std::string(card.currency->name()) : names_of(card.all),
                        billed ? "too" : "only")
          : std::string("a percentage needs money to be a percentage of"),
      at(percent.span), fmt::format("the meter {} {}", quoted(meter.meter.name), meter.measures()));
  if (counted || several) finding.see(card.place, "declared here");
  if (several) {
    finding
        .why(
            "a meter counts money in one currency, and Toll never converts: a card with a "
            "percentage of money bills in that one only")
        .help(fmt::format("write one card for each currency, with a meter of its own that counts "
                          "money in it, for example `meter payments_{} lists {}`",
                          lower_case(card.currency->name()), card.currency->name()));
    return;
  }
  if (counted) finding.why("Toll never converts currencies");
  finding.help(fmt::format("use a meter that counts money, for example `meter payments lists {}`",
                           card.currency->name()));
}

/// A percentage of the money that a meter counts is a price for each unit of it: 2.9 cents per 1
/// USD.
std::optional<Term> Reader::percentage(const syntax::Term& term, const MeterEntry& meter,
                                       const CardCurrency& card) {
  auto fraction = this->fraction(*term.percent);
  if (!fraction || !card.currency) return std::nullopt;
  const Unit* currency = scope_.unit({std::string(card.currency->name()), term.span}, file_);
  if (!convertible(*meter.unit, *currency)) {
    report_percentage(*term.percent, meter, card);
    return std::nullopt;
  }
  auto in_currency = convert(Ratio(power_of_ten(card.currency->exponent)), *meter.unit, *currency);
  auto price = in_currency ? checked_mul(*fraction, *in_currency) : std::nullopt;
  if (price) return Term{syntax::Term::Kind::PerUnit, *price, {}};
  report_.add("E129", fmt::format("this price has too many digits per {}", meter.meter.unit),
              at(term.span));
  return std::nullopt;
}

/// A percentage and a price on top of a cost are money.
bool Reader::is_price_in_credits(const syntax::Term& term, const CardCurrency& card) {
  using Kind = syntax::Term::Kind;
  const bool is_money = term.kind == Kind::Percent || term.kind == Kind::CostPlus;
  if (!card.credit || !is_money) return true;
  report_
      .add("E404",
           term.kind == Kind::Percent
               ? fmt::format("a charge that is priced in {} has no percentages of money",
                             card.credit->plural)
               : fmt::format("a cost is money, and this charge is priced in {}",
                             card.credit->plural),
           at(term.span))
      .help("write a charge of its own for what costs money");
  return false;
}

std::optional<Term> Reader::term(const syntax::Term& term, const MeterEntry& meter, Grain grain,
                                 const CardCurrency& card) {
  using Kind = syntax::Term::Kind;
  if (!is_price_in_credits(term, card)) return std::nullopt;
  if (term.kind == Kind::Percent) return percentage(term, meter, card);
  if (term.kind == Kind::CostPlus) return read_cost_plus(*term.cost, *this, report_, card);
  if (term.kind == Kind::PerItem && grain != Grain::Item) {
    report_
        .add("E331", "this price does not say what it is for", at(term.span),
             "only in an `each item` charge an amount is for each item")
        .help(meter.meter.declaration->aggregate.text == "lists"
                  ? fmt::format("write `each item` behind the charge's name, or `{} flat`",
                                texts_.text(at(term.span)))
                  : fmt::format("write `{0} per {1}` or `{0} flat`", texts_.text(at(term.span)),
                                meter.meter.unit));
    return std::nullopt;
  }
  if (term.kind == Kind::Flat || !term.unit) return flat(term, card);
  return price_of_units(term, meter, card);
}

std::optional<Term> Reader::flat(const syntax::Term& term, const CardCurrency& card) {
  using Kind = syntax::Term::Kind;
  if (!card.credit) {
    const auto money = amount(term.money, card);
    return money ? std::optional(Term{Kind::Flat, Ratio(*money), {}}) : std::nullopt;
  }
  const auto found = in_currency(term.money, card);
  const auto credits =
      found ? read_number(found->number, file_, kPriceLimits, report_) : std::nullopt;
  return credits ? std::optional(Term{Kind::Flat, *credits, {}}) : std::nullopt;
}

/// `0.0040 USD per call`, `5.00 USD per started 1,000 calls`
std::optional<Term> Reader::price_of_units(const syntax::Term& term, const MeterEntry& meter,
                                           const CardCurrency& card) {
  using Kind = syntax::Term::Kind;
  const auto money = in_currency(term.money, card);
  auto price = money ? read_number(money->number, file_, kPriceLimits, report_) : std::nullopt;
  auto count = term.count ? read_number(*term.count, file_, kQuantityLimits, report_)
                          : std::optional(Ratio(1));
  if (count && count->is_zero()) {
    report_
        .add("E128", fmt::format("a price is for more than zero {}", term.unit->text),
             at(term.count->span))
        .help(fmt::format("write `per {}`, or leave the row out", meter.meter.unit));
    count.reset();
  }
  const Unit* unit = this->unit(*term.unit);
  if (unit && !convertible(*unit, *meter.unit)) {
    const bool started = term.kind == Kind::PerStarted;
    const std::string per =
        term.count ? fmt::format("per {}{} {}", started ? "started " : "",
                                 texts_.text(at(term.count->span)), meter.meter.unit_plural)
                   : fmt::format("per {}{}", started ? "started " : "", meter.meter.unit);
    report_price_mismatch(*term.unit, at(term.unit->span), *unit, meter, scope_.meter_in(*unit),
                          per, report_);
    unit = nullptr;
  }
  if (!price || !count || !unit) return std::nullopt;
  sizes.note(*unit, at(term.unit->span));

  const int exponent = card.credit ? 0 : find_currency(money->unit.text)->exponent;
  auto minor = checked_mul(*price, Ratio(power_of_ten(exponent)));
  if (term.kind == Kind::PerUnit) {
    if (minor) minor = price_per_unit(term, *minor, *count, *unit, meter);
    return minor ? std::optional(Term{Kind::PerUnit, *minor, {}}) : std::nullopt;
  }
  auto block = convert(*count, *unit, *meter.unit);
  if (!minor || !block) {
    report_.add("E129", "this price has too many digits", at(term.span));
    return std::nullopt;
  }
  return Term{Kind::PerStarted, *minor, *block};
}

}  // namespace toll::dsl::checker
