// Meters: what they aggregate, and the lines that say which events they read and how.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::Meter;
using syntax::Take;

namespace {

/// Moves what `line` says into `meter`. False if the meter has said it before.
template <typename T>
bool add(std::optional<T>& line, std::optional<T>& meter) {
  if (line && meter) return false;
  if (line) meter = std::move(line);
  return true;
}

template <typename T>
void append(std::vector<T>& line, std::vector<T>& meter) {
  meter.insert(meter.end(), std::make_move_iterator(line.begin()),
               std::make_move_iterator(line.end()));
}

bool merge(Meter line, Meter& meter) {
  append(line.from, meter.from);
  append(line.takes, meter.takes);
  // Every line begins with one of these, so nothing is half merged.
  return add(line.step, meter.step) && add(line.until, meter.until) &&
         add(line.each_rounded, meter.each_rounded) &&
         add(line.each_at_least, meter.each_at_least) && add(line.each_times, meter.each_times) &&
         add(line.when, meter.when) && add(line.within, meter.within) &&
         add(line.after, meter.after) && add(line.unless, meter.unless) &&
         add(line.unless_within, meter.unless_within) && add(line.once_per, meter.once_per);
}

}  // namespace

Read<Meter> meter(Tokens tokens) {
  constexpr auto unit = unit_word()[into<&Meter::unit>];
  constexpr auto distinct = keyword("distinct")[set<&Meter::distinct, true>] >
                            name(Named::Field, "a field")[into<&Meter::unit>];
  constexpr auto count = one_of("counts")[into<&Meter::aggregate>] >
                         called("a unit, or `distinct` and a field", distinct | unit);
  constexpr auto sum = one_of("sums", "averages", "peaks", "latest", "accrues",
                              "lists")[into<&Meter::aggregate>] > unit;
  constexpr auto percentile = one_of("percentile")[into<&Meter::aggregate>] >
                              number()[into<&Meter::percentile>] >
                              called("`of` and a unit", keyword("of")) > unit >
                              called("`every` and `hour` or `day`", keyword("every")) >
                              one_of("hour", "day")[into<&Meter::every>];
  constexpr auto line =
      keyword("meter") > name(Named::Thing, "a meter's name")[into<&Meter::name>] >
      called("`counts`, `sums`, `averages`, `peaks`, `latest`, `accrues`, `lists` or `percentile`",
             count | sum | percentile) >
      maybe(keyword("by") > list(word("a dimension")[into<&Meter::by>]), line_end("`,`"),
            "`by` and dimensions, or the end of the line");
  return read<Meter>(line, tokens);
}

std::optional<Misreading> meter_line(Tokens tokens, Meter& meter) {
  constexpr auto event = word("an event such as `api.request`");
  constexpr auto field = name(Named::Field, "a field");
  constexpr auto value_of_dimension = keyword("as") >
                                      word("a dimension")[into<&Take::as_dimension>] >
                                      word("one of its values")[into<&Take::as_value>] > line_end();
  constexpr auto as = called("`as` with a dimension and a value, or the end of the line",
                             value_of_dimension | line_end());
  constexpr auto take = makes<Take>(
      keyword("take") > field[into<&Take::field>] >
      maybe(keyword("less") > field[into<&Take::less>], as,
            "`less` and a field, `as` with a dimension and a value, or the end of the line"));
  constexpr auto each =
      keyword("each") >
      called("`at least`, `rounded` or `times`",
             (keyword("rounded") > round_to[into<&Meter::each_rounded>]) |
                 (keyword("at") > keyword("least") > quantity[into<&Meter::each_at_least>]) |
                 (keyword("times") > field[into<&Meter::each_times>])) > line_end();
  constexpr auto window = (keyword("within") > quantity[into<&Meter::within>] > keyword("after") >
                           event[into<&Meter::after>] > line_end()) |
                          (keyword("unless") > event[into<&Meter::unless>] > keyword("within") >
                           quantity[into<&Meter::unless_within>] > line_end());
  constexpr auto of_one_word = (keyword("from") > event[into<&Meter::from>] > line_end()) |
                               (keyword("step") > field[into<&Meter::step>] > line_end()) |
                               (keyword("until") > event[into<&Meter::until>] > line_end()) |
                               (keyword("when") > event[into<&Meter::when>] > line_end()) |
                               (keyword("once") > keyword("per") >
                                word("what counts once")[into<&Meter::once_per>] > line_end());
  constexpr auto line = take[into<&Meter::takes>] | each | window | of_one_word;

  auto said = read<Meter>(line, tokens);
  if (!said) return said.error();
  if (merge(*std::move(said), meter)) return std::nullopt;
  return Misreading{
      Misreading::Kind::SaidTwice, tokens[0].span, in_backticks(tokens[0].text), {}, {}};
}

}  // namespace toll::dsl::grammar
