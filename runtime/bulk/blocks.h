// A table in blocks of whole lines, worked on by several threads and put out in order.
//
//   read ── block ── block ── block ── put out        one thread reads and puts out,
//             │        │        │                     the others work
//           worker   worker   worker
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/rate_table.h"

namespace toll::runtime {

/// Lines of a table, and what became of them.
struct Block {
  size_t first_line = 0;  ///< from 1
  std::string text;       ///< whole lines; the last may lack its line break
  std::string amounts, rejections;
  TableTotals totals;
};

/// Cuts a stream into blocks. Of a line that is longer than kTableLineBytesMax only a little more
/// than that is kept.
class BlockReader {
 public:
  explicit BlockReader(const TableStreams& streams) : streams_(streams) {}

  /// The first line without its line break; empty at once where there is none. `keep`: it is part
  /// of the first block all the same.
  Result<std::string> header(bool keep = false);

  /// The next lines; false behind the last one.
  Result<bool> next(Block& block);

 private:
  Result<void> read_more(std::string& text);
  Result<void> skip_line(std::string& text);

  const TableStreams& streams_;
  std::string rest_;  // read, and of no block yet
  size_t line_ = 1;   // that comes next
  bool ended_ = false;
};

/// Calls visit(line number, line without its line break) for each line of a block.
template <typename Visit>
void for_each_line_of(const Block& block, Visit&& visit) {
  std::string_view text = block.text;
  for (size_t number = block.first_line; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    visit(number, line);
  }
}

/// Makes the blocks of `reader` pass through `work`, which `threads` threads call (worker index,
/// block), and then, in order and by the calling thread, through `done`. Ends at the first Error.
Result<void> run_blocks(BlockReader& reader, unsigned threads,
                        const std::function<void(unsigned, Block&)>& work,
                        const std::function<Result<void>(Block&)>& done);

}  // namespace toll::runtime
