#include "runtime/examples.h"

#include <algorithm>
#include <map>
#include <ranges>

#include "runtime/example_document.h"
#include "runtime/quote.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_period.h"
#include "runtime/quoting/example_usage.h"
#include "runtime/quoting/rated.h"

namespace toll::runtime {
namespace {

constexpr const char* kEnginesDiffer =
    "interpreter and native code differ: please report this card";

/// Interpreter and native code on one input; empty when they agree.
std::expected<std::string, Refusal> compare_engines(BoundUsage& bound,
                                                    compiler::RateOutput& output) {
  const Revision& revision = *bound.revision;
  compiler::Trace heard_by_none;  // so that it is the interpreter that rates
  auto fine = rate(bound, true, output, &heard_by_none);
  if (!fine) return std::unexpected(std::move(fine.error()));
  if (!revision.native()) return "";
  std::vector<compiler::LineAmount> lines(compiler::line_count(revision.program(), *bound.input));
  compiler::RateOutput native{.lines = lines.data()};
  fine = rate(bound, true, native);
  if (!fine) return std::unexpected(std::move(fine.error()));
  return compiler::same_result(revision.program(), *bound.input, output, native) ? std::string()
                                                                                 : kEnginesDiffer;
}

std::vector<BilledLine> lines_of(const BoundUsage& bound, const compiler::RateOutput& output) {
  std::vector<BilledLine> lines;
  compiler::for_each_line(bound.revision->program(), *bound.input,
                          [&](uint32_t line, const compiler::LineOrigin& origin) {
                            lines.push_back(billed_line(bound, origin, output.lines[line]));
                          });
  return lines;
}

/// Amounts by path, as an example states them: a bill or shared line that is not due counts as 0.
class Comparison {
 public:
  /// The cards are those of all parts, the last one first.
  Comparison(std::vector<const dsl::RateCard*> cards, const std::vector<BilledLine>& lines,
             Int128 total, std::map<std::string, Ratio> left)
      : cards_(std::move(cards)), left_(std::move(left)) {
    got_["total"].amount = Ratio(total);
    for (const BilledLine& line : lines) {
      Got& got = got_[line.path];
      if (!line.unit.empty()) got.unit = line.unit;
      got.amount = checked_add(got.amount, line.amount).value_or(line.amount);
      if (line.shown) lines_.push_back(line.path);
    }
  }

  std::vector<Mismatch> mismatches(const dsl::Example& example) const {
    std::vector<Mismatch> result;
    for (const dsl::Example::Expect& expect : example.expects) compare(expect, result);
    if (!example.whole) return result;
    // A golden invoice stands for the whole bill.
    std::vector<std::string> required = lines_;
    required.push_back("total");
    for (const std::string& path : required) {
      const auto is_it = [&](const dsl::Example::Expect& expect) {
        return !expect.left && expect.path == path;
      };
      const Got& got = got_.at(path);
      if (std::ranges::none_of(example.expects, is_it))
        result.push_back({.path = path,
                          .unit = got.unit,
                          .expected = std::nullopt,
                          .got = got.amount,
                          .source = place_of(example.source)});
    }
    return result;
  }

 private:
  struct Got {
    std::string unit;
    Ratio amount;
  };

  void compare(const dsl::Example::Expect& expect, std::vector<Mismatch>& result) const {
    if (expect.left) return compare_left(expect, result);
    const Ratio expected = expect.credits.value_or(Ratio(expect.amount_minor));
    const auto got = got_.find(expect.path);
    if (got == got_.end())
      result.push_back({.path = expect.path,
                        .unit = {},
                        .expected = expected,
                        .got = std::nullopt,
                        .source = place_of(expect.source)});
    else if (got->second.amount != expected)
      result.push_back({.path = expect.path,
                        .unit = got->second.unit,
                        .expected = expected,
                        .got = got->second.amount,
                        .source = place_of(expect.source)});
  }

  /// A pool in money is expected in the major unit, and holds minor ones.
  void compare_left(const dsl::Example::Expect& expect, std::vector<Mismatch>& result) const {
    const auto has_it = [&](const dsl::RateCard* card) {
      return std::ranges::find(card->pools, expect.path, &dsl::Pool::name) != card->pools.end();
    };
    const dsl::RateCard& card = **std::ranges::find_if(cards_, has_it);
    const dsl::Pool& pool = *std::ranges::find(card.pools, expect.path, &dsl::Pool::name);
    const Ratio major(pool.credit ? 1 : power_of_ten(card.currency.exponent));
    const Ratio expected = *checked_mul(*expect.credits, major);
    const Ratio& got = left_.at(expect.path);
    if (got == expected) return;
    result.push_back({.path = expect.path,
                      .unit = pool.credit ? card.credits[*pool.credit].plural : std::string(),
                      .expected = expected,
                      .got = got,
                      .source = place_of(expect.source),
                      .left = true});
  }

  std::vector<const dsl::RateCard*> cards_;  // whose pools are expected to have something left
  std::map<std::string, Got> got_;
  std::map<std::string, Ratio> left_;  // by pool
  std::vector<std::string> lines_;
};

std::string first_message(const Refusal& refusal) { return refusal.faults.front().message; }

/// The bill of an example that several offers share; of interpreters only where `plain`.
std::expected<PartsBill, Refusal> bill_over_changes(const UsageDocument& document,
                                                    const dsl::Example& example,
                                                    const CardSet::Revisions& offers, bool plain) {
  CardSet cards = cards_of(offers, example);
  if (plain) {
    CardSet::Revisions rating;
    for (const auto& offer : cards.revisions())
      rating.push_back(std::make_shared<const Revision>(offer->card(), offer->program(), nullptr));
    cards = CardSet(std::move(rating));
  }
  auto period = cut_period(cards, document);
  if (!period) return std::unexpected(std::move(period.error()));
  if (period->parts.empty()) {
    auto refused = quote_total(cards, document);
    return std::unexpected(refused ? Refusal{.faults = {{"/period", "one offer bills all of it"}}}
                                   : std::move(refused.error()));
  }
  if (auto fine = bind_parts(cards, document, *period); !fine)
    return std::unexpected(std::move(fine.error()));
  return bill_of_parts(*period, document.final);
}

void run_over_changes(const Revision& revision, const dsl::Example& example,
                      const CardSet::Revisions& offers, ExampleResult& result) {
  const auto document = document_of(revision.card(), example, offers);
  if (!document) {
    result.fault = "a version that bills some of its days is in error";
    return;
  }
  const auto bill = bill_over_changes(*document, example, offers, /*plain=*/true);
  if (!bill) {
    result.fault = first_message(bill.error());
    return;
  }
  const auto native = bill_over_changes(*document, example, offers, /*plain=*/false);
  if (!native || *native != *bill) {
    result.fault = kEnginesDiffer;
    return;
  }
  result.total = bill->total;
  result.expects_nothing = !example.whole && example.expects.empty();
  std::vector<const dsl::RateCard*> cards;
  const auto add = [&](const dsl::OfferKey& key) {
    cards.push_back(&(*std::ranges::find_if(offers, [&](const auto& each) {
                       return each->card().key() == key;
                     }))->card());
  };
  for (const dsl::Example& change : example.changes | std::views::reverse) add(change.offer);
  cards.push_back(&revision.card());
  result.mismatches =
      Comparison(std::move(cards), bill->lines, bill->total, bill->left).mismatches(example);
}

void run_in_one_offer(const std::shared_ptr<const Revision>& revision, const dsl::Example& example,
                      ExampleResult& result) {
  auto bound_example = bind_example(revision, example);
  if (!bound_example) {
    result.fault = bound_example.error();
    return;
  }
  const std::unique_ptr<BoundUsage>& bound = *bound_example;
  compiler::RateOutput output{.lines = bound->usage.lines().data()};
  const auto compared = compare_engines(*bound, output);
  if (!compared) {
    result.fault = first_message(compared.error());
    return;
  }
  result.fault = *compared;
  if (output.fault != compiler::FaultKind::None)
    result.fault = first_message(refusal_of(*bound, output));
  if (!result.fault.empty()) return;
  result.total = output.total;
  result.expects_nothing = !example.whole && example.expects.empty();
  const auto left = left_of_grants(*bound, output);
  if (!left) {
    result.fault = first_message(left.error());
    return;
  }
  const dsl::RateCard& card = revision->card();
  std::map<std::string, Ratio> left_in_pools;
  for (uint32_t pool = 0; pool < card.pools.size(); ++pool)
    left_in_pools[card.pools[pool].name] = left_in_pool(*bound, *left, pool);
  result.mismatches =
      Comparison({&card}, lines_of(*bound, output), output.total, std::move(left_in_pools))
          .mismatches(example);
}

}  // namespace

ExampleResult run_example(const std::shared_ptr<const Revision>& revision,
                          const dsl::Example& example, const CardSet::Revisions& offers) {
  ExampleResult result;
  result.title = example.title;
  result.source = place_of(example.source);
  if (example.changes.empty())
    run_in_one_offer(revision, example, result);
  else
    run_over_changes(*revision, example, offers, result);
  return result;
}

}  // namespace toll::runtime
