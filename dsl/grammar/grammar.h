// The grammar, one function a statement: the tokens of one line to a piece of the syntax tree.
//
// A line is a whole statement, so there is no recursion and nothing to recover within a line: the
// first thing that does not fit ends it, and `Misreading` says what belongs there. The functions
// are implemented with Boost.Spirit X3 over tokens, one .cc file a family of statements.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>

#include "dsl/scan/line.h"
#include "dsl/syntax.h"

namespace toll::dsl::grammar {

using Tokens = std::span<const scan::Token>;

/// Why a line is not the statement that its first word promises.
struct Misreading {
  enum class Kind {
    Unexpected,  ///< something else belongs at `place`; an empty place: the line ends too early
    NotAName,    ///< the word at `place` cannot be a name, as `reason` says
    SaidTwice,   ///< what stands at `place` was said before
  };
  Kind kind = Kind::Unexpected;
  Span place;
  std::string expected;  ///< in plain words, keywords in backticks; SaidTwice: what is said
  std::string reason;    ///< NotAName: a clause
  std::string help;  ///< NotAName: a way out; SaidTwice: another one than to keep one of the two
};

template <typename T>
using Read = std::expected<T, Misreading>;

// REQUIRES of all: tokens are not empty, have passed scan::line_fault, and begin with the keyword
// of the statement (rows: are what scan/rows.h says).

Read<syntax::Unit> unit(Tokens);
Read<syntax::Dimension> dimension(Tokens);
Read<syntax::DerivedValue> derived_value(Tokens);
Read<syntax::TimeValue> time_value(Tokens);

Read<syntax::Meter> meter(Tokens);
/// Adds what the line says to the meter, which is unchanged when there is a Misreading. Something
/// that the meter says already is a SaidTwice at the line's first word.
std::optional<Misreading> meter_line(Tokens, syntax::Meter& meter);

Read<syntax::Cost> cost(Tokens);
/// Adds what the line says to the cost table: `from` or `currency`.
std::optional<Misreading> cost_line(Tokens, syntax::Cost& cost);

Read<syntax::Card> card(Tokens);
Read<syntax::Header> header(Tokens);

Read<syntax::Fee> fee(Tokens);
Read<syntax::BillLine> bill_line(Tokens);
Read<syntax::Commit> commit(Tokens);
/// Adds what the line says to the commitment.
std::optional<Misreading> commit_line(Tokens, syntax::Commit& commit);
Read<syntax::Pool> pool(Tokens);
/// Adds what the line says to the pool.
std::optional<Misreading> pool_line(Tokens, syntax::Pool& pool);
Read<syntax::Plan> plan(Tokens);
Read<syntax::Feature> feature(Tokens);
Read<syntax::Limit> limit(Tokens);
Read<syntax::Alert> alert(Tokens);
Read<syntax::Guarantee> guarantee(Tokens);

Read<syntax::Change> change(Tokens);
Read<syntax::ChangeLine> change_line(Tokens);
Read<syntax::Remove> remove(Tokens);

Read<syntax::Charge> charge(Tokens);
Read<syntax::ChargeLine> charge_line(Tokens);
Read<syntax::Row> row(Tokens);

Read<syntax::Example> example(Tokens);
Read<syntax::Example> invoice(Tokens);
Read<syntax::OnPlan> on_plan(Tokens);
Read<syntax::OfCustomer> of_customer(Tokens);
Read<syntax::Use> use(Tokens);
Read<syntax::UsedToDate> used_to_date(Tokens);
Read<syntax::BilledToDate> billed_to_date(Tokens);
Read<syntax::Granted> granted(Tokens);
Read<syntax::Expect> expect(Tokens);

}  // namespace toll::dsl::grammar
