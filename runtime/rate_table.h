// Bulk rating: a table of usage, CSV or NDJSON, comes out with the amount of each bill. The same
// functions as a quote's, and exactly its amounts.
//
// Two forms, told apart by the header:
//   wide   api_calls,"tokens[large,input]"        one customer and period a row; a column for each
//                                                 meter, or for each cell of a meter
//   long   customer,meter,model,kind,quantity     one quantity a row, under its dimensions' values;
//                                                 the rows of a customer add up to one bill
// As NDJSON a row is an object on a line of its own, whose names are those of the columns; the
// first one says which there are. In CSV a record is one line too (RFC 4180 allows line breaks in
// quotes; here such a row is rejected). Memory does not grow with a wide table; with a long one it
// holds a quantity for each customer and cell.
//
// A row is a customer's whole billing period, which begins with what the card grants for it. Where
// another version, or the customer's deal, begins or ends in it there is no bill of a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/int128.h"
#include "base/result.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::runtime {

inline constexpr size_t kTableLineBytesMax = size_t{1} << 20;

struct TableTotals {
  uint64_t rows = 0;  ///< without the header; always rated + rejected when rating has ended
  uint64_t rated = 0;
  uint64_t rejected = 0;
  uint64_t bills = 0;
  Int128 total = 0;  ///< of all bills; minor units of the card's currency
  std::vector<std::string> warnings =
      {};  ///< when rating has ended: what may be meant otherwise, a sentence each
};

enum class TableFormat { Csv, Ndjson };

struct TableOptions {
  UsageDocument asked;  ///< card, on, plan, currency, customer; its usage is not looked at
  std::vector<std::string> keep;  ///< columns of a wide table that are no usage
  TableFormat format = TableFormat::Csv;
  /// Each row is billed as a usage document without `state`: nothing was used, billed or left in
  /// pools before. Else a card whose bill would be another one with it is refused.
  bool without_state = false;
  unsigned threads = 1;                                   ///< >= 1
  std::function<void(const TableTotals&)> progress = {};  ///< called by the calling thread
};

/// Where a table comes from and goes to. Called by the thread that calls rate_table().
struct TableStreams {
  std::function<Result<size_t>(std::span<char>)> read;       ///< 0 at the end
  std::function<Result<void>(std::string_view)> amounts;     ///< the table with a column `amount`;
                                                             ///< empty where only totals are asked
  std::function<Result<void>(std::string_view)> rejections;  ///< CSV: `line`, `reason`, `text`
};

/// Why a table cannot be rated at all. Nothing of it was; or, without a line, a stream failed.
struct TableFault {
  size_t line = 0;    ///< from 1
  size_t column = 0;  ///< of the table, from 1; 0: the whole line
  std::string message;
  std::string help;  ///< may be empty
};

/// Rates every row. One that cannot be rated is written to `rejections` and not to `amounts`, and
/// changes no other row. The order of rows is kept; a long table gives one row a customer, in the
/// order of their first rows.
std::expected<TableTotals, TableFault> rate_table(const CardSet& cards, const TableOptions& options,
                                                  const TableStreams& streams);

}  // namespace toll::runtime
