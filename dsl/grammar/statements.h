// The statements of the language: the word that each begins with, where it stands, what it looks
// like. Structure follows from these words alone; indentation only has to agree with it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace toll::dsl::grammar {

/// What a line is part of.
enum class Level {
  Opening,
  Declaration,
  DimensionRow,
  MeterLine,
  Header,
  Item,
  ChargeLine,
  CommitLine,
  PoolLine,
  CostLine,
  ExampleLine
};

enum class Kind {
  Toll,
  Unit,
  Dimension,
  Meter,
  Cost,
  Card,
  Invoice,
  DerivedValue,
  TimeValue,
  LostValue,
  MeterLine,
  Header,
  Fee,
  Charge,
  Bill,
  Commit,
  Pool,
  Plan,
  Limit,
  Feature,
  Change,
  Remove,
  Alert,
  Guarantee,
  Example,
  ChargeLine,
  Row,
  CommitLine,
  PoolLine,
  CostLine,
  OnPlan,
  OfCustomer,
  Use,
  UsedToDate,
  BilledToDate,
  Granted,
  Expect,
};

struct Statement {
  std::string_view keyword;  ///< empty for rows
  Kind kind;
  Level level;
  std::string_view form;  ///< a line that is right, to show what it looks like
};

/// In the order in which they are listed to a user. `from` is there twice: in a meter and in a
/// card.
std::span<const Statement> statements();

// The lines that begin with no word of their own.
extern const Statement kPriceRow;
extern const Statement kTierRow;   ///< a price row that begins with a bound
extern const Statement kKeyedRow;  ///< a price row that begins with keys
extern const Statement kDerivedValue;
extern const Statement kTimeValue;
extern const Statement kLostValue;  ///< below a dimension that could not be read

/// "`fee`, `charge` or `bill`"
std::string keywords_of(std::span<const Level> levels);

}  // namespace toll::dsl::grammar
