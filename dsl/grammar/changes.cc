// What a card that extends another one changes and removes.

#include <algorithm>

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::Change;
using syntax::ChangeLine;
using syntax::ChargeLine;
using syntax::MoneyAmount;
using syntax::Remove;
using syntax::Word;

namespace {

struct Price {
  MoneyAmount price;
  Word per;
  bool once = false;
  Span span;
};

/// Where `, was` stands in a line; the number of its tokens where it does not. The last one counts:
/// a key may be called so.
size_t place_of_was(Tokens tokens) {
  for (size_t i = tokens.size(); i-- > 2;)
    if (tokens[i].is_word("was") && tokens[i - 1].is_sign(',')) return i - 1;
  return tokens.size();
}

Read<ChargeLine> as_charge_line(Read<syntax::Row> row) {
  if (!row) return std::unexpected(std::move(row.error()));
  return ChargeLine(*std::move(row));
}

Span span_of(Tokens tokens) { return {tokens.front().span.begin, tokens.back().span.end}; }

}  // namespace

Read<Change> change(Tokens tokens) {
  constexpr auto charge = keyword("charge") > word("a charge")[into<&Change::name>] > line_end();
  constexpr auto fee = keyword("fee") > word("a fee")[into<&Change::name>] > keyword("at") >
                       called("a price, and `was` and the price it replaces", x3::eps);
  constexpr auto line = keyword("change") > called("`charge` or `fee`", charge | fee);
  if (tokens.size() < 2 || !tokens[1].is_word("fee")) {
    auto result = read<Change>(line, tokens);
    if (result) result->what = {std::string(tokens[1].text), tokens[1].span};
    return result;
  }

  // Both prices are read as those of a fee.
  const size_t was = place_of_was(tokens);
  auto result = read<Change>(line, tokens.first(std::min<size_t>(tokens.size(), 4)));
  if (!result) return result;
  constexpr auto price =
      x3::eps > monies[into<&Price::price>] > fee_time<&Price::per, &Price::once>;
  const auto missing = [&] {
    const Span end{tokens.back().span.end, tokens.back().span.end};
    return std::unexpected(
        Misreading{Misreading::Kind::Unexpected, end, "`, was` and the price it replaces", {}, {}});
  };
  const Tokens now = tokens.subspan(4, std::max<size_t>(was, 4) - 4);
  if (now.empty() || was + 2 >= tokens.size()) return missing();
  const Tokens before = tokens.subspan(was + 2);
  for (const Tokens one : {now, before}) {
    auto read_price = read<Price>(price > line_end(), one);
    if (!read_price) return std::unexpected(std::move(read_price.error()));
  }
  result->what = {std::string(tokens[1].text), tokens[1].span};
  result->price = span_of(now);
  result->was = span_of(before);
  result->span = span_of(tokens);
  return result;
}

Read<ChangeLine> change_line(Tokens tokens) {
  const size_t was = place_of_was(tokens);
  const Tokens now = tokens.first(was);
  auto line = scan::is_price_row(now) ? as_charge_line(row(now)) : charge_line(now);
  if (!line) return std::unexpected(std::move(line.error()));
  ChangeLine result{.line = *std::move(line), .was = std::nullopt, .span = span_of(now)};
  if (was == tokens.size()) return result;
  if (was + 2 >= tokens.size()) {
    const Span end{tokens.back().span.end, tokens.back().span.end};
    return std::unexpected(
        Misreading{Misreading::Kind::Unexpected, end, "what the line replaces", {}, {}});
  }
  result.was = span_of(tokens.subspan(was + 2));
  return result;
}

Read<Remove> remove(Tokens tokens) {
  constexpr auto line = keyword("remove") >
                        one_of("charge", "fee", "limit", "feature")[into<&Remove::what>] >
                        word("its name")[into<&Remove::name>] > line_end();
  return read<Remove>(line, tokens);
}

}  // namespace toll::dsl::grammar
