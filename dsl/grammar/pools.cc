// A pool of credits and its lines.

#include "dsl/grammar/parsers.h"

namespace toll::dsl::grammar {

using syntax::Pool;

namespace {

constexpr std::string_view kExpiry = "`,` and `expires`, or the end of the line";

/// [, expires after QUANTITY]
template <auto Member>
constexpr auto expiry() {
  return maybe(comma > keyword("expires") > keyword("after") > quantity[into<Member>], line_end(),
               kExpiry);
}

/// Adds what was read to its list.
template <typename Line>
std::optional<Misreading> add(Read<Line> line, std::vector<Line>& lines) {
  if (!line) return line.error();
  lines.push_back(*std::move(line));
  return std::nullopt;
}

Read<Pool::Grant> grant(Tokens tokens) {
  using Grant = Pool::Grant;
  constexpr auto line = keyword("grant") > quantity[into<&Grant::quantity>] > keyword("every") >
                        word("a time such as `month`")[into<&Grant::every>] >
                        expiry<&Grant::expires>();
  return read<Grant>(line, tokens);
}

Read<Pool::Sale> sale(Tokens tokens) {
  using Sale = Pool::Sale;
  constexpr auto line = keyword("sell") > quantity[into<&Sale::quantity>] >
                        called("`for` and a price", keyword("for")) > monies[into<&Sale::price>] >
                        expiry<&Sale::expires>();
  return read<Sale>(line, tokens);
}

Read<Pool::Order> order(Tokens tokens) {
  using Order = Pool::Order;
  constexpr auto line = keyword("spend") >
                        one_of("soonest-expiring", "oldest")[into<&Order::first>] >
                        keyword("first") > line_end();
  return read<Order>(line, tokens);
}

Read<Pool::Rollover> rollover(Tokens tokens) {
  using Rollover = Pool::Rollover;
  constexpr auto line = keyword("rollover") > keyword("up") > keyword("to") >
                        quantity[into<&Rollover::up_to>] > line_end();
  return read<Rollover>(line, tokens);
}

/// Its price is that of a row.
Read<Pool::Beyond> beyond(Tokens tokens) {
  using Beyond = Pool::Beyond;
  if (tokens.size() > 1 && tokens[1].is_word("at")) {
    auto priced = row(tokens);
    if (!priced) return std::unexpected(std::move(priced.error()));
    return Beyond{false, std::move(priced->price), priced->span};
  }
  constexpr auto line =
      keyword("beyond") > called("`at` and a price, or `blocked`",
                                 keyword("blocked")[set<&Beyond::blocked, true>]) > line_end();
  return read<Beyond>(line, tokens);
}

}  // namespace

Read<Pool> pool(Tokens tokens) {
  constexpr auto charges = keyword("for") > list(word("a charge")[into<&Pool::of>]) >
                           line_end("`,` and a further charge,");
  constexpr auto units = list(word("a credit unit or a currency")[into<&Pool::in>]) >
                         called("`,` and a further name, `for` and charges, or the end of the line",
                                charges | line_end());
  constexpr auto line = keyword("pool") > name(Named::Thing, "a pool's name")[into<&Pool::name>] >
                        maybe(label()[into<&Pool::label>], keyword("in"),
                              "a label, or `in` and a credit unit") > units;
  return read<Pool>(line, tokens);
}

std::optional<Misreading> pool_line(Tokens tokens, Pool& pool) {
  if (tokens[0].is_word("grant")) return add(grant(tokens), pool.grants);
  if (tokens[0].is_word("sell")) return add(sale(tokens), pool.sales);
  if (tokens[0].is_word("spend")) return add(order(tokens), pool.orders);
  if (tokens[0].is_word("rollover")) return add(rollover(tokens), pool.rollovers);
  return add(beyond(tokens), pool.beyonds);
}

}  // namespace toll::dsl::grammar
