// A peer is a process that rates when it is asked to: for each line on standard input, which names
// one of its variants, it rates once and answers `SECONDS TOTAL`, the total in cents. So a driver
// can take turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace toll::peers {

using Column = std::vector<int64_t>;

/// The columns of a file of 64-bit integers, one after the other. Ends the program where it cannot.
std::vector<Column> read_columns(const std::string& path, size_t columns);

/// The same numbers in a narrower type. Ends the program where one does not fit.
template <typename Number>
std::vector<Number> narrowed(const Column& column);

/// How many columns a workload has.
size_t columns_of(const std::string& workload);

/// Rates `rows` rows from `begin` on into `cents`, one amount each.
using BlockRate = std::function<void(size_t begin, size_t rows, int64_t* cents)>;

/// The total, of even parts of the rows, each on a thread of its own with a rate of its own. A
/// block of rows is added up while the caches hold it. The amounts are left in `cents`, or without
/// it nowhere. Exact where each amount is below 2^63.
__int128 total_of(size_t threads, size_t rows, Column* cents,
                  const std::function<BlockRate()>& rate);

/// Answers until standard input ends. Each variant rates once and gives the total.
int serve(const std::map<std::string, std::function<__int128()>>& variants);

}  // namespace toll::peers
