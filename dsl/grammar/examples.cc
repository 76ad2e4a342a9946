// Examples and invoices: the first line, `use` and `expect`.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::BilledToDate;
using syntax::Example;
using syntax::Expect;
using syntax::Granted;
using syntax::Use;
using syntax::UsedToDate;

namespace {

/// [in MONTH [from DATE] [until DATE]]
constexpr auto span_of_time() {
  constexpr auto until = maybe(keyword("until") > date[into<&Example::until>], line_end(),
                               "`until` and a date, or the end of the line");
  constexpr auto from = maybe(keyword("from") > date[into<&Example::from>], until,
                              "`from` and a date, `until` and a date, or the end of the line");
  return called("`in` and a month, or the end of the line",
                (keyword("in") > month[into<&Example::month>] > from) | line_end());
}

}  // namespace

Read<Example> example(Tokens tokens) {
  constexpr auto line =
      keyword("example") > label("a title in quotes")[into<&Example::title>] > span_of_time();
  return read<Example>(line, tokens);
}

Read<Example> invoice(Tokens tokens) {
  constexpr auto line = keyword("invoice") > label("a title in quotes")[into<&Example::title>] >
                        called("`for` and a card", keyword("for")) >
                        word("a card")[into<&Example::card>] > span_of_time();
  return read<Example>(line, tokens);
}

Read<syntax::OnPlan> on_plan(Tokens tokens) {
  using syntax::OnPlan;
  constexpr auto line = keyword("on") > keyword("plan") > word("a plan")[into<&OnPlan::plan>] >
                        maybe(keyword("from") > date[into<&OnPlan::from>], line_end(),
                              "`from` and a date, or the end of the line");
  return read<OnPlan>(line, tokens);
}

Read<syntax::OfCustomer> of_customer(Tokens tokens) {
  using syntax::OfCustomer;
  constexpr auto line = keyword("for") > keyword("customer") >
                        word("a customer")[into<&OfCustomer::name>] >
                        maybe(keyword("since") > date[into<&OfCustomer::since>], line_end(),
                              "`since` and a date, or the end of the line");
  return read<OfCustomer>(line, tokens);
}

Read<Use> use(Tokens tokens) {
  using Item = Use::Item;
  constexpr auto unit = unit_word();
  constexpr auto take_quantity = [](auto& context) {
    Item& item = x3::_val(context);
    syntax::Quantity& quantity = item.quantity;
    quantity.unit = std::move(x3::_attr(context));
    quantity.span = {quantity.number.span.begin, quantity.unit.span.end};
  };
  constexpr auto take_number = [](auto& context) {
    x3::_val(context).quantity.number = std::move(x3::_attr(context));
  };
  constexpr auto take_times = [](auto& context) {
    Item& item = x3::_val(context);
    item.times = std::move(item.quantity.number);
    item.quantity.number = std::move(x3::_attr(context));
  };
  constexpr auto item = x3::rule<ValueOf<Item>, Item>{""} =
      number("a quantity")[take_number] > maybe(keyword("times") > number("a quantity")[take_times],
                                                unit[take_quantity],
                                                "a unit, or `times` and a quantity");
  constexpr auto until = maybe(keyword("until") > date[into<&Use::until>], line_end(),
                               "`until` and a date, or the end of the line");
  constexpr auto from =
      maybe(keyword("from") > date[into<&Use::from>], until,
            "`,` and a further quantity, `from` and a date or the end of the line");
  constexpr auto items =
      list(called("a quantity such as `100 calls`", item)[into<&Use::items>]) > from;
  constexpr auto keys = list(word("a value")[into<&Use::keys>]) >
                        called("`,` and a further value, or `:` and a quantity", sign(':'));
  constexpr auto line =
      keyword("use") > word("a meter")[into<&Use::meter>] >
      maybe(keys, items, "a quantity such as `100 calls`, or values, `:` and a quantity");
  return read<Use>(line, tokens);
}

Read<UsedToDate> used_to_date(Tokens tokens) {
  constexpr auto line = keyword("used") > quantity[into<&UsedToDate::quantity>] > keyword("to") >
                        keyword("date") > line_end();
  return read<UsedToDate>(line, tokens);
}

Read<BilledToDate> billed_to_date(Tokens tokens) {
  constexpr auto line = keyword("billed") > money[into<&BilledToDate::amount>] > keyword("to") >
                        keyword("date") > line_end();
  return read<BilledToDate>(line, tokens);
}

Read<Granted> granted(Tokens tokens) {
  constexpr auto expiring =
      maybe(comma > keyword("expiring") > date[into<&Granted::expiring>], line_end(),
            "`,` and `expiring` and a date, or the end of the line");
  constexpr auto granted_amount =
      called("a number and its unit", fraction_of("a number", "a unit"));
  constexpr auto line = keyword("granted") > granted_amount[into<&Granted::quantity>] >
                        maybe(keyword("from") > date[into<&Granted::from>], expiring,
                              "`from` and a date, `,` and `expiring`, or the end of the line");
  return read<Granted>(line, tokens);
}

Read<Expect> expect(Tokens tokens) {
  constexpr auto step = word("a fee, a charge or `total`")[into<&Expect::path>];
  constexpr auto line =
      keyword("expect") > list(step, sign('/')) >
      called("`/` and a value, or an amount such as `5.00 USD`",
             fraction_of("an amount", "a currency such as `USD`")[into<&Expect::amount>]) >
      maybe(keyword("left")[set<&Expect::left, true>], line_end(), "the end of the line");
  return read<Expect>(line, tokens);
}

}  // namespace toll::dsl::grammar
