#include "server/batch/block.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string_view>

#include "base/clock.h"
#include "server/quote_lines.h"

namespace toll::server {
namespace {

/// Answers of a block in memory. A card with a large table makes a long answer of a short line.
constexpr size_t kAnswersBytesMax = size_t{1} << 20;

}  // namespace

void Block::rate_line(const BatchTerms& terms, std::string_view line) {
  if (line.size() > kBatchLineBytesMax) return refuse_long_line(number_, answers_);
  const auto document = read_line({line, number_}, {}, answers_);
  if (!document) return;
  const Instant at = terms.decisions ? now() : Instant{};
  const size_t begin = answers_.size();
  if (!answer_line(*terms.cards, *document, number_, answers_) || !terms.decisions) return;
  const std::string_view answer = std::string_view(answers_).substr(begin);
  terms.decisions->record(
      {at, terms.caller, line, answer.substr(0, answer.size() - 1), terms.tenant},
      DecisionLog::Pace::Patient);
}

void Block::rate(const BatchTerms& terms) try {
  const std::string_view lines = lines_;
  while (has_more() && answers_.size() < kAnswersBytesMax) {
    const size_t end = std::min(lines.find('\n', next_), lines.size());
    rate_line(terms, lines.substr(next_, end - next_));
    next_ = std::min(end + 1, lines.size());
    ++number_;
  }
} catch (const std::exception&) {  // no memory
  failed_ = true;
}

}  // namespace toll::server
