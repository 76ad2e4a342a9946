// Price rows: keys, the bound of a tier, and a price.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::CostPlus;
using syntax::Quantity;
using syntax::Row;
using syntax::Term;

namespace {

struct Bound {
  bool beyond = false;
  std::optional<Quantity> up_to;
  std::vector<Quantity> also_up_to;
  Span span;
};

struct RowPrice {
  bool free = false;
  std::vector<Term> terms;
  Span span;
};

void take_bound(Row& row, Bound bound) {
  row.beyond = bound.beyond;
  row.up_to = std::move(bound.up_to);
  row.also_up_to = std::move(bound.also_up_to);
  row.bound_span = bound.span;
}

void take_price(Row& row, RowPrice price) {
  row.free = price.free;
  row.price = std::move(price.terms);
  row.price_span = price.span;
}

constexpr auto bound_of_row = [](auto& context) {
  take_bound(x3::_val(context), std::move(x3::_attr(context)));
};
constexpr auto price_of_row = [](auto& context) {
  take_price(x3::_val(context), std::move(x3::_attr(context)));
};

}  // namespace

Read<Row> row(Tokens tokens) {
  using Kind = Term::Kind;
  constexpr auto bound =
      makes<Bound>((keyword("up") > keyword("to") > quantity[into<&Bound::up_to>] >
                    *(comma > called("`up to` and a further bound", keyword("up")) > keyword("to") >
                      quantity[into<&Bound::also_up_to>])) |
                   keyword("beyond")[set<&Bound::beyond, true>]);

  constexpr auto unit = unit_word()[into<&Term::unit>];
  constexpr auto counted =
      called("a number or a unit", (number()[into<&Term::count>] > unit) | unit);
  constexpr auto per = keyword("per")[set<&Term::kind, Kind::PerUnit>] >
                       maybe(keyword("started")[set<&Term::kind, Kind::PerStarted>], counted,
                             "a unit, a number and a unit, or `started`");
  constexpr std::string_view amount = "an amount such as `0.0040 USD`, or a percentage";
  constexpr auto item = word("a charge or fee above")[into<&Term::of>];
  constexpr auto after_of =
      called("`and` and a further charge, `+` and a further price, or the end of the line",
             &(sign('+') | line_end()));
  constexpr auto of =
      (keyword("of") > item > *(keyword("and") > item) > after_of) | &(sign('+') | line_end());
  constexpr auto share =
      percent[into<&Term::percent>] >
      called("`of` and the charges that it is a share of, `+`, or the end of the line", of) >
      x3::eps[set<&Term::kind, Kind::Percent>];
  constexpr auto rounded = (keyword("rounded") > round_to[into<&CostPlus::rounded>]) | x3::eps;
  constexpr auto cost_plus = makes<CostPlus>(
      keyword("cost") > called("`with` and a margin or markup", keyword("with")) >
      percent[into<&CostPlus::percent>] >
      called("`margin` or `markup`",
             keyword("margin") | keyword("markup")[set<&CostPlus::markup, true>]) > rounded);
  constexpr auto cost = cost_plus[into<&Term::cost>] > x3::eps[set<&Term::kind, Kind::CostPlus>];
  constexpr auto per_item = x3::eps[set<&Term::kind, Kind::PerItem>] >> &(sign('+') | line_end());
  constexpr auto fixed = monies[into<&Term::money>] >
                         called("`per` and a unit, or `flat`",
                                per | keyword("flat")[set<&Term::kind, Kind::Flat>] | per_item);
  constexpr auto term = called(amount, makes<Term>(share | cost | fixed));
  constexpr auto terms =
      called(amount, makes<RowPrice>(list(term[into<&RowPrice::terms>], sign('+'))));
  constexpr auto free = makes<RowPrice>(keyword("free")[set<&RowPrice::free, true>]);
  constexpr auto price =
      called("`at` and a price, or `free`",
             (keyword("at") > terms[price_of_row] > line_end("`+` and a further price,")) |
                 (free[price_of_row] > line_end()));

  constexpr auto keys = list(key[into<&Row::keys>]);
  constexpr auto after_keys =
      maybe(bound[bound_of_row], price, "`,` and a further key, `up to`, `beyond`, `at` or `free`");
  constexpr auto line = called("a key, `up to`, `beyond`, `at` or `free`",
                               (keys > after_keys) | (bound[bound_of_row] > price) | price);

  auto result = read<Row>(line, tokens);
  if (result && !result->keys.empty()) {
    result->keys_span = {result->keys.front().span.begin, result->keys.back().span.end};
  }
  return result;
}

}  // namespace toll::dsl::grammar
