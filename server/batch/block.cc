#include "server/batch/block.h"

#include <algorithm>
#include <exception>
#include <string_view>

#include "server/quote_lines.h"

namespace toll::server {
namespace {

/// Answers of a block in memory. A card with a large table makes a long answer of a short line.
constexpr size_t kAnswersBytesMax = size_t{1} << 20;

}  // namespace

void Block::rate_line(const runtime::CardSet& cards, std::string_view line) {
  if (line.size() > kBatchLineBytesMax) return refuse_long_line(number_, answers_);
  if (const auto document = read_line({line, number_}, {}, answers_))
    answer_line(cards, *document, number_, answers_);
}

void Block::rate(const runtime::CardSet& cards) try {
  const std::string_view lines = lines_;
  while (has_more() && answers_.size() < kAnswersBytesMax) {
    const size_t end = std::min(lines.find('\n', next_), lines.size());
    rate_line(cards, lines.substr(next_, end - next_));
    next_ = std::min(end + 1, lines.size());
    ++number_;
  }
} catch (const std::exception&) {  // no memory
  failed_ = true;
}

}  // namespace toll::server
