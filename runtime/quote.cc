#include "runtime/quote.h"

#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/bound.h"
#include "runtime/quoting/carried_state.h"
#include "runtime/quoting/explanation.h"

namespace toll::runtime {
namespace {

/// The lines that an unfinished period would get at its end.
std::expected<std::vector<AnswerLine>, Refusal> due_at_close(const BoundUsage& bound,
                                                             const compiler::RateOutput& open) {
  std::vector<compiler::LineAmount> lines(
      compiler::line_count(bound.revision->program(), *bound.input));
  compiler::RateInput at_end = *bound.input;
  at_end.final = 1;
  compiler::RateOutput closed{.lines = lines.data()};
  bound.revision->rate(at_end, closed);
  if (closed.fault != compiler::FaultKind::None) return std::unexpected(refusal_of(bound, closed));
  return write_due_at_close(bound, open, closed);
}

std::expected<Answer, Refusal> finish(const BoundUsage& bound, const compiler::RateOutput& output) {
  if (output.fault != compiler::FaultKind::None) return std::unexpected(refusal_of(bound, output));
  Answer answer = write_answer(bound, output);
  if (bound.input->final) {
    auto next = next_state(bound, output);
    if (!next) return std::unexpected(std::move(next.error()));
    answer.next_state = *std::move(next);
    return answer;
  }
  auto due = due_at_close(bound, output);
  if (!due) return std::unexpected(std::move(due.error()));
  answer.due_at_close = std::move(*due);
  return answer;
}

}  // namespace

std::expected<Answer, Refusal> quote(const CardSet& cards, const UsageDocument& document) {
  auto bound = bind(cards, document);
  if (!bound) return std::unexpected(std::move(bound.error()));
  compiler::RateOutput output{.lines = (*bound)->usage.lines().data()};
  (*bound)->revision->rate(*(*bound)->input, output);
  return finish(**bound, output);
}

std::expected<Int128, Refusal> quote_total(const CardSet& cards, const UsageDocument& document) {
  const auto bound = bind(cards, document);
  if (!bound) return std::unexpected(bound.error());
  compiler::RateOutput output{.lines = (*bound)->usage.lines().data()};
  (*bound)->revision->rate(*(*bound)->input, output);
  if (output.fault != compiler::FaultKind::None)
    return std::unexpected(refusal_of(**bound, output));
  return output.total;
}

std::expected<Answer, Refusal> explain(const CardSet& cards, const UsageDocument& document) {
  auto bound = bind(cards, document);
  if (!bound) return std::unexpected(std::move(bound.error()));
  compiler::RateOutput output{.lines = (*bound)->usage.lines().data()};
  Explanation explanation(**bound);
  compiler::interpret((*bound)->revision->program(), *(*bound)->input, output, &explanation);
  auto answer = finish(**bound, output);
  if (answer) explanation.add_steps(output, *answer);
  return answer;
}

}  // namespace toll::runtime
