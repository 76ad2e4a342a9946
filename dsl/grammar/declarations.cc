// Declarations but meters: units and dimensions, and the values below a dimension that is derived.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::DerivedValue;
using syntax::Dimension;
using syntax::TimeValue;
using syntax::Unit;

namespace {

/// `other` takes the values that are not listed, so it is the last of a list.
std::optional<Misreading> other_before_the_last(const std::vector<syntax::Word>& values) {
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    if (values[i].text != "other") continue;
    return Misreading{Misreading::Kind::NotAName, values[i].span, "a value before the last",
                      "`other` stands for every value that is not listed", "put it at the end"};
  }
  return std::nullopt;
}

}  // namespace

Read<Unit> unit(Tokens tokens) {
  constexpr auto fixed = maybe(sign('=') > quantity[into<&Unit::size>], line_end(),
                               "`=` and a fixed size, or the end of the line");
  constexpr auto line =
      keyword("unit") > name(Named::Unit, "a unit's name")[into<&Unit::singular>] >
      maybe(comma > name(Named::Unit, "a unit's plural")[into<&Unit::plural>], fixed,
            "`,` and the plural, `=` and a fixed size, or the end of the line");
  return read<Unit>(line, tokens);
}

Read<Dimension> dimension(Tokens tokens) {
  constexpr auto values =
      keyword("is") > list(name(Named::Value, "a dimension's value")[into<&Dimension::values>]) >
      line_end("`,` and a further value,");
  constexpr auto by_time = keyword("time")[set<&Dimension::by_time, true>] >
                           maybe(keyword("in") > zone[into<&Dimension::zone>], line_end(),
                                 "`in` and a time zone, or the end of the line");
  constexpr auto by_fields = list(name(Named::Field, "a field")[into<&Dimension::fields>],
                                  sign('+')) > line_end("`+` and a further field,");
  constexpr auto line =
      keyword("dimension") > name(Named::Thing, "a dimension's name")[into<&Dimension::name>] >
      called("`is` and the values, or `by` and a field or `time`",
             values | (keyword("by") > called("a field or `time`", by_time | by_fields)));
  auto result = read<Dimension>(line, tokens);
  if (!result) return result;
  if (auto misplaced = other_before_the_last(result->values)) return std::unexpected(*misplaced);
  return result;
}

Read<DerivedValue> derived_value(Tokens tokens) {
  constexpr auto line = name(Named::Thing, "a dimension's value")[into<&DerivedValue::name>] >
                        called("`up to` or `beyond`", (keyword("up") > keyword("to") >
                                                       number()[into<&DerivedValue::up_to>]) |
                                                          keyword("beyond")) > line_end();
  return read<DerivedValue>(line, tokens);
}

Read<TimeValue> time_value(Tokens tokens) {
  constexpr auto line = name(Named::Thing, "a dimension's value")[into<&TimeValue::name>] >
                        called("days such as `Mon-Fri`, or `otherwise`",
                               (days[into<&TimeValue::days>] > hours[into<&TimeValue::hours>]) |
                                   keyword("otherwise")) > line_end();
  return read<TimeValue>(line, tokens);
}

}  // namespace toll::dsl::grammar
