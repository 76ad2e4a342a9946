// Charges: the first line, and the lines below it but the price rows.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::Charge;
using syntax::ChargeLine;
using syntax::Included;
using syntax::MoneyLine;
using syntax::Reach;
using syntax::RoundedTo;
using syntax::RowsFrom;
using syntax::Tiers;
using syntax::When;

namespace {

/// shared | in each row | each
template <auto Member>
constexpr auto reach =
    keyword("shared")[set<Member, Reach::Shared>] |
    (keyword("in") > keyword("each") > keyword("row")[set<Member, Reach::InEachRow>]) |
    keyword("each")[set<Member, Reach::Each>];

Read<ChargeLine> money_line(Tokens tokens) {
  using Kind = MoneyLine::Kind;
  constexpr auto condition =
      makes<When>(keyword("when") > word("a dimension")[into<&When::dimension>] > keyword("is") >
                  word("a value")[into<&When::values>] >
                  *(keyword("or") > word("a value")[into<&When::values>]));
  constexpr auto end =
      maybe(condition[into<&MoneyLine::when>], line_end("`or` and a further value,"),
            "`when` and a condition, or the end of the line");
  constexpr auto amount = monies[into<&MoneyLine::amount>];
  constexpr auto reach_and_end =
      maybe(reach<&MoneyLine::reach>, end,
            "`shared`, `in each row`, `each`, `when` and a condition, or the end of the line");
  constexpr auto fixed = amount > reach_and_end;
  constexpr auto bound =
      amount > maybe(by_day<&MoneyLine::prorated>, reach_and_end,
                     "`prorated by day`, `shared`, `in each row`, `each`, `when` and a condition, "
                     "or the end of the line");
  constexpr auto change = called("a percentage such as `10%`, or an amount such as `5.00 USD`",
                                 (percent[into<&MoneyLine::percent>] > end) | fixed);
  constexpr auto line = (keyword("discount")[set<&MoneyLine::kind, Kind::Discount>] > change) |
                        (keyword("surcharge")[set<&MoneyLine::kind, Kind::Surcharge>] > change) |
                        (keyword("minimum")[set<&MoneyLine::kind, Kind::Minimum>] > bound) |
                        (keyword("maximum")[set<&MoneyLine::kind, Kind::Maximum>] > bound);
  return read_as<ChargeLine, MoneyLine>(line, tokens);
}

}  // namespace

Read<Charge> charge(Tokens tokens) {
  constexpr auto each = maybe(keyword("each") > one_of("item", "day")[into<&Charge::each>],
                              line_end(), "`each item`, `each day` or the end of the line");
  constexpr auto after_by = maybe(keyword("each") > one_of("item", "day")[into<&Charge::each>],
                                  line_end("`,` and a further dimension, `each`"),
                                  "`,` and a further dimension, `each` or the end of the line");
  constexpr auto by =
      called("`by` and dimensions, `each`, or the end of the line",
             (keyword("by") > list(word("a dimension")[into<&Charge::by>]) > after_by) | each);
  constexpr auto meters =
      word("a meter")[into<&Charge::on>] > *(comma > word("a meter")[into<&Charge::also_on>]);
  constexpr auto on = maybe(keyword("on") > meters, by,
                            "`on` and a meter, `by` and dimensions, `each`, or the end of the "
                            "line");
  constexpr auto line =
      keyword("charge") > name(Named::Thing, "a charge's name")[into<&Charge::name>] >
      maybe(label()[into<&Charge::label>], on,
            "a label, `on` and a meter, `by` and dimensions, `each`, or the end of the line");
  return read<Charge>(line, tokens);
}

Read<ChargeLine> charge_line(Tokens tokens) {
  std::string_view first = tokens[0].text;
  if (first == "included") {
    constexpr auto reach_and_end = maybe(reach<&Included::reach>, line_end(),
                                         "`shared`, `in each row`, `each` or the end of the line");
    constexpr auto prorated_and_end =
        maybe(keyword("prorated")[set<&Included::prorated, true>], reach_and_end,
              "`prorated`, `shared`, `in each row`, `each` or the end of the line");
    constexpr auto fixed =
        quantity[into<&Included::quantity>] >
        maybe(keyword("per") > word("a time such as `year`")[into<&Included::per>],
              prorated_and_end,
              "`per` and a time, `prorated`, `shared`, `in each row`, `each` or the end of "
              "the line");
    constexpr auto share = percent[into<&Included::percent>] >
                           called("`of` and a charge", keyword("of")) >
                           word("a charge above")[into<&Included::of>] > line_end();
    constexpr auto line =
        keyword("included") > called("a number and its unit, or a percentage", share | fixed);
    return read_as<ChargeLine, Included>(line, tokens);
  }
  if (first == "rounded") {
    constexpr auto line = keyword("rounded") > round_to[into<&RoundedTo::round>] > line_end();
    return read_as<ChargeLine, RoundedTo>(line, tokens);
  }
  if (first == "tiers") {
    constexpr auto chosen_by =
        (keyword("across") > keyword("rows")[set<&Tiers::across_rows, true>]) |
        (keyword("by") > word("a meter")[into<&Tiers::by>]);
    constexpr auto line =
        keyword("tiers") > one_of("graduated", "volume", "stairstep")[into<&Tiers::kind>] >
        maybe(chosen_by, line_end(), "`across rows`, `by` and a meter, or the end of the line");
    return read_as<ChargeLine, Tiers>(line, tokens);
  }
  if (first == "rows") {
    constexpr auto line =
        keyword("rows") > keyword("from") >
        label("the name of a file in quotes, such as `\"sms.csv\"`")[into<&RowsFrom::file>] >
        line_end();
    return read_as<ChargeLine, RowsFrom>(line, tokens);
  }
  return money_line(tokens);
}

}  // namespace toll::dsl::grammar
