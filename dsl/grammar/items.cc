// Items of a card that are one line each: fee, bill, plan, limit, feature, alert, guarantee.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::Alert;
using syntax::BillLine;
using syntax::Commit;
using syntax::Feature;
using syntax::Fee;
using syntax::Guarantee;
using syntax::Limit;
using syntax::MoneyLine;
using syntax::Plan;
using syntax::While;

Read<Fee> fee(Tokens tokens) {
  using Timing = Fee::Timing;
  using Proration = Fee::Proration;
  constexpr std::string_view due = "when the fee is due";
  constexpr std::string_view parts = "whether the fee is prorated";
  constexpr auto timing =
      keyword("in") >
      called("`advance` or `arrears`",
             keyword("advance")[set_once<&Fee::timing, Timing::InAdvance>(due)] |
                 keyword("arrears")[set_once<&Fee::timing, Timing::InArrears>(due)]);
  constexpr auto by_day = keyword("prorated") > keyword("by") >
                          keyword("day")[set_once<&Fee::proration, Proration::ByDay>(parts)];
  constexpr auto never =
      keyword("not") > keyword("prorated")[set_once<&Fee::proration, Proration::None>(parts)];
  constexpr auto option = called("`in advance`, `in arrears`, `prorated by day` or `not prorated`",
                                 timing | by_day | never);
  constexpr auto line = keyword("fee") > name(Named::Thing, "a fee's name")[into<&Fee::name>] >
                        maybe(label()[into<&Fee::label>], keyword("at"),
                              "a label, or `at` and a price") > monies[into<&Fee::price>] >
                        fee_time<&Fee::per, &Fee::once> > *(comma > option) > line_end("`,`");
  return read<Fee>(line, tokens);
}

Read<BillLine> bill_line(Tokens tokens) {
  using Kind = MoneyLine::Kind;
  constexpr auto amount = monies[into<&BillLine::amount>];
  constexpr auto reduction = called("a percentage such as `10%`, or an amount such as `5.00 USD`",
                                    percent[into<&BillLine::percent>] | amount);
  constexpr auto end =
      maybe(label()[into<&BillLine::label>], line_end(), "a label or the end of the line");
  constexpr auto bound = amount > maybe(by_day<&BillLine::prorated>, end,
                                        "`prorated by day`, a label or the end of the line");
  constexpr auto kind =
      (keyword("discount")[set<&BillLine::kind, Kind::Discount>] > reduction > end) |
      (keyword("surcharge")[set<&BillLine::kind, Kind::Surcharge>] > reduction > end) |
      (keyword("minimum")[set<&BillLine::kind, Kind::Minimum>] > bound) |
      (keyword("maximum")[set<&BillLine::kind, Kind::Maximum>] > bound);
  constexpr auto line =
      keyword("bill") > called("`discount`, `surcharge`, `minimum` or `maximum`", kind);
  return read<BillLine>(line, tokens);
}

Read<Commit> commit(Tokens tokens) {
  constexpr auto line =
      keyword("commit") > name(Named::Thing, "a commitment's name")[into<&Commit::name>] >
      monies[into<&Commit::amount>] > called("`per` and a time", keyword("per")) >
      word("a time such as `year`")[into<&Commit::per>] >
      maybe(label()[into<&Commit::label>], line_end(), "a label or the end of the line");
  return read<Commit>(line, tokens);
}

std::optional<Misreading> commit_line(Tokens tokens, Commit& commit) {
  if (tokens[0].is_word("counts")) {
    using Counts = Commit::Counts;
    constexpr auto line = keyword("counts") >
                          list(word("a charge or a fee")[into<&Counts::names>]) >
                          line_end("`,` and a further charge or fee,");
    auto counts = read<Counts>(line, tokens);
    if (!counts) return counts.error();
    commit.counts.push_back(*std::move(counts));
    return std::nullopt;
  }
  using TrueUp = Commit::TrueUp;
  constexpr auto line = keyword("true") > keyword("up") > keyword("every") >
                        word("a time such as `year`")[into<&TrueUp::every>] > line_end();
  auto true_up = read<TrueUp>(line, tokens);
  if (!true_up) return true_up.error();
  commit.true_ups.push_back(*std::move(true_up));
  return std::nullopt;
}

Read<Plan> plan(Tokens tokens) {
  constexpr auto line =
      keyword("plan") > name(Named::Plan, "a plan's name")[into<&Plan::name>] >
      maybe(label()[into<&Plan::label>], line_end(), "a label or the end of the line");
  return read<Plan>(line, tokens);
}

Read<Feature> feature(Tokens tokens) {
  constexpr auto line = keyword("feature") >
                        list(name(Named::Thing, "a feature's name")[into<&Feature::names>]) >
                        line_end("`,` and a further feature,");
  return read<Feature>(line, tokens);
}

Read<Limit> limit(Tokens tokens) {
  constexpr auto action =
      keyword("then") > one_of("block", "throttle", "allow")[into<&Limit::action>];
  constexpr auto bounded =
      keyword("to") > quantity[into<&Limit::to>] >
      maybe(keyword("per") > word("a period such as `month`")[into<&Limit::per>], action,
            "`per` and a period, or `then` and `block`, `throttle` or `allow`");
  constexpr auto line =
      keyword("limit") > word("a meter, or `bill`")[into<&Limit::subject>] >
      called("`to` and a quantity, or `unlimited`", bounded | keyword("unlimited")) > line_end();
  return read<Limit>(line, tokens);
}

Read<Alert> alert(Tokens tokens) {
  constexpr auto share = percent[into<&Alert::percent>] > keyword("of") >
                         one_of("included", "limit")[into<&Alert::of>];
  constexpr auto level = called("a percentage such as `80%`, or an amount such as `400 USD`",
                                share | quantity[into<&Alert::quantity>]);
  constexpr auto fall =
      keyword("falls") > keyword("to")[set<&Alert::falls, true>] > percent[into<&Alert::percent>];
  constexpr auto line =
      keyword("alert") > keyword("when") > word("a meter, or `bill`")[into<&Alert::subject>] >
      called("`reaches` or `falls to`", (keyword("reaches") > level) | fall) >
      maybe(comma > keyword("notify") >
                list(word("whom to notify, such as `customer`")[into<&Alert::notify>]),
            line_end(), "`,` and `notify`, or the end of the line");
  return read<Alert>(line, tokens);
}

Read<Guarantee> guarantee(Tokens tokens) {
  using Kind = Guarantee::Kind;
  constexpr auto amount = monies[into<&Guarantee::amount>];
  constexpr auto bound =
      keyword("at") > called("`most` or `least`",
                             (keyword("most")[set<&Guarantee::kind, Kind::AtMost>] |
                              keyword("least")[set<&Guarantee::kind, Kind::AtLeast>])) > amount;
  constexpr auto of_bill =
      keyword("bill") > called("`never decreases`, `at most` or `at least`",
                               (keyword("never") >
                                keyword("decreases")[set<&Guarantee::kind, Kind::NeverDecreases>]) |
                                   bound);
  constexpr auto no_cliff = keyword("no") > keyword("cliff")[set<&Guarantee::kind, Kind::NoCliff>] >
                            keyword("above") > amount;
  constexpr auto unit_price =
      keyword("unit") > keyword("price") > keyword("never") >
      keyword("increases")[set<&Guarantee::kind, Kind::UnitPriceNeverIncreases>];
  constexpr auto dearer = keyword("never") >
                          keyword("dearer")[set<&Guarantee::kind, Kind::NeverDearer>] >
                          keyword("than") > word("a card, or `previous`")[into<&Guarantee::than>] >
                          -(keyword("on") > date[into<&Guarantee::than_on>]);
  constexpr auto margin = keyword("margin")[set<&Guarantee::kind, Kind::Margin>] > keyword("at") >
                          keyword("least") > percent[into<&Guarantee::percent>];
  constexpr auto claim = called(
      "`bill never decreases`, `bill at most`, `bill at least`, `no cliff above`, `margin at "
      "least`, "
      "`never dearer than` or `unit price never increases`",
      of_bill | no_cliff | unit_price | dearer | margin);
  constexpr auto assumption = makes<While>(keyword("while") > word("a meter")[into<&While::meter>] >
                                           called("`up to`", keyword("up")) > keyword("to") >
                                           quantity[into<&While::up_to>]);
  constexpr auto line = keyword("guarantee") > claim >
                        *((keyword("for") > list(word("a meter")[into<&Guarantee::meters>])) |
                          assumption[into<&Guarantee::whiles>]) >
                        line_end("`for` and meters, `while` and a meter's range,");
  return read<Guarantee>(line, tokens);
}

}  // namespace toll::dsl::grammar
