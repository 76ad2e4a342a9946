// Cost tables: what the units of a meter cost the one who sells them.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::Cost;

Read<Cost> cost(Tokens tokens) {
  constexpr auto by =
      maybe(keyword("by") > list(word("a dimension")[into<&Cost::by>]),
            line_end("`,` and a further dimension,"), "`by` or the end of the line");
  constexpr auto line =
      keyword("cost") > name(Named::Thing, "a cost table's name")[into<&Cost::name>] >
      maybe(label()[into<&Cost::label>], keyword("on"), "a label, or `on` and a meter") >
      word("a meter")[into<&Cost::on>] > by;
  return read<Cost>(line, tokens);
}

std::optional<Misreading> cost_line(Tokens tokens, Cost& cost) {
  using syntax::RowsFrom;
  if (tokens[0].is_word("rows")) {
    constexpr auto rows =
        keyword("rows") > keyword("from") >
        label("the name of a file in quotes, such as `\"fleet.csv\"`")[into<&RowsFrom::file>] >
        line_end();
    auto named = read<RowsFrom>(rows, tokens);
    if (!named) return named.error();
    cost.rows_from.push_back(*std::move(named));
    return std::nullopt;
  }
  constexpr auto from = keyword("from") > date[into<&Cost::from>] > line_end();
  constexpr auto currency =
      keyword("currency") > word("a currency such as `USD`")[into<&Cost::currency>] > line_end();
  auto line = read<Cost>(from | currency, tokens);
  if (!line) return line.error();
  const bool twice = (line->from && cost.from) || (line->currency && cost.currency);
  if (twice) {
    return Misreading{Misreading::Kind::SaidTwice,
                      tokens[0].span,
                      line->from ? "when the costs begin" : "the currency",
                      {},
                      {}};
  }
  if (line->from) cost.from = line->from;
  if (line->currency) cost.currency = std::move(line->currency);
  return std::nullopt;
}

}  // namespace toll::dsl::grammar
