// The first line of a card and its header.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::AppliesTo;
using syntax::Card;
using syntax::Currencies;
using syntax::ForCustomer;
using syntax::From;
using syntax::Header;
using syntax::PeriodLine;
using syntax::RoundLine;
using syntax::Switch;
using syntax::TimeZone;

Read<Card> card(Tokens tokens) {
  constexpr auto extends =
      maybe(keyword("extends") > word("a card, or `previous`")[into<&Card::extends>], line_end(),
            "`extends` and a card, or the end of the line");
  constexpr auto line = keyword("card") > name(Named::Card, "a card's name")[into<&Card::name>] >
                        maybe(label()[into<&Card::label>], extends,
                              "a label, `extends` and a card, or the end of the line");
  return read<Card>(line, tokens);
}

Read<Header> header(Tokens tokens) {
  std::string_view first = tokens[0].text;
  if (first == "from") {
    constexpr auto line = keyword("from") > date[into<&From::from>] >
                          maybe(keyword("until") > date[into<&From::until>], line_end(),
                                "`until` and a date, or the end of the line");
    return read_as<Header, From>(line, tokens);
  }
  if (first == "currency") {
    constexpr auto line = keyword("currency") >
                          list(word("a currency such as `USD`")[into<&Currencies::names>]) >
                          line_end("`,` and a further currency,");
    return read_as<Header, Currencies>(line, tokens);
  }
  if (first == "time") {
    constexpr auto line =
        keyword("time") > keyword("zone") > zone[into<&TimeZone::name>] > line_end();
    return read_as<Header, TimeZone>(line, tokens);
  }
  if (first == "for") {
    constexpr auto line = keyword("for") > keyword("customer") >
                          word("a customer")[into<&ForCustomer::name>] > line_end();
    return read_as<Header, ForCustomer>(line, tokens);
  }
  if (first == "switch") {
    constexpr auto line =
        keyword("switch") >
        called("`next period` or `at once`",
               (keyword("next") > keyword("period")) |
                   (keyword("at") > keyword("once")[set<&Switch::at_once, true>])) > line_end();
    return read_as<Header, Switch>(line, tokens);
  }
  if (first == "applies") {
    using Who = AppliesTo::Who;
    constexpr auto who = called(
        "`everyone`, `new customers` or `existing customers from` and a date",
        keyword("everyone")[set<&AppliesTo::who, Who::Everyone>] |
            (keyword("new") > keyword("customers")[set<&AppliesTo::who, Who::NewCustomers>]) |
            (keyword("existing") >
             keyword("customers")[set<&AppliesTo::who, Who::ExistingCustomers>] > keyword("from") >
             date[into<&AppliesTo::from>]));
    constexpr auto line = keyword("applies") > keyword("to") > who > line_end();
    return read_as<Header, AppliesTo>(line, tokens);
  }
  if (first == "period") {
    constexpr auto line = keyword("period") > one_of("day", "week", "month", "quarter",
                                                     "year")[into<&PeriodLine::unit>] > line_end();
    return read_as<Header, PeriodLine>(line, tokens);
  }
  constexpr auto line = keyword("round") > keyword("each") >
                        one_of("line", "item", "tier", "bill")[into<&RoundLine::place>] >
                        rounding_mode[into<&RoundLine::mode>] >
                        maybe(keyword("to") > money[into<&RoundLine::step>], line_end(),
                              "`to` and an amount, or the end of the line");
  return read_as<Header, RoundLine>(line, tokens);
}

}  // namespace toll::dsl::grammar
