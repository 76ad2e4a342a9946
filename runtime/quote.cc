#include "runtime/quote.h"

#include <algorithm>
#include <optional>

#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/bound.h"
#include "runtime/quoting/carried_state.h"
#include "runtime/quoting/choice.h"
#include "runtime/quoting/cut_period.h"
#include "runtime/quoting/explanation.h"
#include "runtime/quoting/rated.h"

namespace toll::runtime {
namespace {

/// The lines that an unfinished period would get at its end.
std::expected<std::vector<AnswerLine>, Refusal> due_at_close(BoundUsage& bound,
                                                             const compiler::RateOutput& open) {
  std::vector<compiler::LineAmount> lines(
      compiler::line_count(bound.revision->program(), *bound.input));
  compiler::RateOutput closed{.lines = lines.data()};
  auto used = bound.used_of_segments;  // of the open period, which the answer is about
  auto fine = rate(bound, true, closed);
  bound.used_of_segments = std::move(used);
  if (!fine) return std::unexpected(std::move(fine.error()));
  if (closed.fault != compiler::FaultKind::None) return std::unexpected(refusal_of(bound, closed));
  return write_due_at_close(bound, open, closed);
}

std::expected<Answer, Refusal> finish(BoundUsage& bound, const compiler::RateOutput& output) {
  if (output.fault != compiler::FaultKind::None) return std::unexpected(refusal_of(bound, output));
  Answer answer = write_answer(bound, output);
  if (bound.input->final) {
    auto next = next_state(bound, output);
    if (!next) return std::unexpected(std::move(next.error()));
    answer.next_state = *std::move(next);
  }
  if (!bound.revision->card().pools.empty()) {
    const auto left = left_of_grants(bound, output);
    if (!left) return std::unexpected(left.error());
    write_grants(bound, *left, answer);
  }
  if (bound.input->final) {
    write_waiting(bound.waiting_state, bound.waiting, bound.plans, bound.covered, answer);
    return answer;
  }
  auto due = due_at_close(bound, output);
  if (!due) return std::unexpected(std::move(due.error()));
  answer.due_at_close = std::move(*due);
  return answer;
}

/// The answer for a period in which versions or plans follow one another; else the refusal of the
/// document.
template <typename Rate>
auto cut_or_refused(const CardSet& cards, const UsageDocument& document, Refusal refusal,
                    const Rate& rate) -> decltype(rate({})) {
  const auto refused = [&](Refusal why) {
    if (why.kind == Refusal::Kind::Unfit) add_unknown_meters(cards, document, why.faults);
    return std::unexpected(std::move(why));
  };
  auto period = cut_period(cards, document);
  if (!period) return refused(std::move(period.error()));
  if (period->parts.empty()) {
    // Else it has been held against an offer, and all that is wrong is told.
    if (std::ranges::find(refusal.faults, "/plan", &UsageFault::pointer) != refusal.faults.end())
      return refused(std::move(refusal));
    return std::unexpected(std::move(refusal));
  }
  if (auto fine = bind_parts(cards, document, *period); !fine)
    return refused(std::move(fine.error()));
  return rate(*period);
}

std::expected<Answer, Refusal> quote_cut(const CardSet& cards, const UsageDocument& document,
                                         Refusal refusal, bool explained) {
  return cut_or_refused(cards, document, std::move(refusal), [&](const CutPeriod& period) {
    return quote_parts(period, document.final, explained);
  });
}

/// Whether the version of a document's first day answers on all days of its period.
bool is_whole(const CardSet& cards, const UsageDocument& document, const Revision& first) {
  if (!document.plan_changes.empty() || !cards.held_back().empty()) return false;
  if (document.customer && !cards.deals(document.card, *document.customer).empty()) return false;
  const Period& period = *document.period;
  const auto days = cards.days_of(first, period.from, document.customer_since);
  return !days.until || period.until <= *days.until;
}

}  // namespace

std::expected<CardSet::Revisions, Refusal> offers_of_period(const CardSet& cards,
                                                            const UsageDocument& document) {
  auto first = choose(cards, document);
  if (!first) return std::unexpected(std::move(first.error()));
  CardSet::Revisions offers;
  if (!document.period || is_whole(cards, document, **first)) {
    offers.push_back(*std::move(first));
    return offers;
  }
  const auto period = cut_period(cards, document);
  if (!period) return std::unexpected(period.error());
  for (const CutPart& part : period->parts) offers.push_back(part.revision);
  if (offers.empty()) offers.push_back(*std::move(first));
  return offers;
}

std::expected<Answer, Refusal> quote(const CardSet& cards, const UsageDocument& document) {
  std::optional<BoundUsage> bound;
  if (auto fits = bind_document(cards, document, bound); !fits)
    return quote_cut(cards, document, std::move(fits.error()), false);
  compiler::RateOutput output{.lines = bound->usage.lines().data()};
  auto fine = rate(*bound, bound->input->final, output);
  if (!fine) return std::unexpected(std::move(fine.error()));
  return finish(*bound, output);
}

std::expected<Int128, Refusal> quote_total(const CardSet& cards, const UsageDocument& document) {
  std::optional<BoundUsage> bound;
  if (auto fits = bind_document(cards, document, bound); !fits)
    return cut_or_refused(cards, document, fits.error(), [&](const CutPeriod& period) {
      return total_of_parts(period, document.final);
    });
  compiler::RateOutput output{.lines = bound->usage.lines().data()};
  auto fine = rate(*bound, bound->input->final, output);
  if (!fine) return std::unexpected(std::move(fine.error()));
  if (output.fault != compiler::FaultKind::None) return std::unexpected(refusal_of(*bound, output));
  return output.total;
}

std::expected<Answer, Refusal> explain(const CardSet& cards, const UsageDocument& document) {
  std::optional<BoundUsage> bound;
  if (auto fits = bind_document(cards, document, bound); !fits)
    return quote_cut(cards, document, std::move(fits.error()), true);
  compiler::RateOutput output{.lines = bound->usage.lines().data()};
  Explanation explanation(*bound);
  auto fine = rate(*bound, bound->input->final, output, &explanation);
  if (!fine) return std::unexpected(std::move(fine.error()));
  auto answer = finish(*bound, output);
  if (answer) explanation.add_steps(output, *answer);
  return answer;
}

}  // namespace toll::runtime
