#include "runtime/examples.h"

#include <algorithm>
#include <map>

#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/example_usage.h"
#include "runtime/quoting/rated.h"

namespace toll::runtime {
namespace {

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
  return compiler::same_result(revision.program(), *bound.input, output, native)
             ? std::string()
             : "interpreter and native code differ: please report this card";
}

/// Amounts by path, as an example states them: a bill or shared line that is not due counts as 0.
class Comparison {
 public:
  Comparison(const BoundUsage& bound, const compiler::RateOutput& output,
             const std::vector<Ratio>& left)
      : card_(bound.revision->card()) {
    got_["total"].amount = Ratio(output.total);
    compiler::for_each_line(bound.revision->program(), *bound.input,
                            [&](uint32_t line, const compiler::LineOrigin& origin) {
                              const std::string path = path_of(*bound.revision, origin);
                              const compiler::LineAmount& amount = output.lines[line];
                              const dsl::CreditUnit* credit = credit_of(*bound.revision, origin);
                              Got& got = got_[path];
                              if (credit) got.unit = credit->plural;
                              const Ratio more =
                                  credit ? Ratio::of(amount.numerator, amount.denominator)
                                         : Ratio(amount.amount);
                              got.amount = checked_add(got.amount, more).value_or(more);
                              if (is_shown(bound, origin, amount)) lines_.push_back(path);
                            });
    for (uint32_t pool = 0; pool < card_.pools.size(); ++pool)
      left_[card_.pools[pool].name] = left_in_pool(bound, left, pool);
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
    const dsl::Pool& pool = *std::ranges::find(card_.pools, expect.path, &dsl::Pool::name);
    const Ratio major(pool.credit ? 1 : power_of_ten(card_.currency.exponent));
    const Ratio expected = *checked_mul(*expect.credits, major);
    const Ratio& got = left_.at(expect.path);
    if (got == expected) return;
    result.push_back({.path = expect.path,
                      .unit = pool.credit ? card_.credits[*pool.credit].plural : std::string(),
                      .expected = expected,
                      .got = got,
                      .source = place_of(expect.source),
                      .left = true});
  }

  const dsl::RateCard& card_;
  std::map<std::string, Got> got_;
  std::map<std::string, Ratio> left_;  // by pool
  std::vector<std::string> lines_;
};

}  // namespace

ExampleResult run_example(const std::shared_ptr<const Revision>& revision,
                          const dsl::Example& example) {
  ExampleResult result;
  result.title = example.title;
  result.source = place_of(example.source);
  auto bound_example = bind_example(revision, example);
  if (!bound_example) {
    result.fault = bound_example.error();
    return result;
  }
  const std::unique_ptr<BoundUsage>& bound = *bound_example;
  compiler::RateOutput output{.lines = bound->usage.lines().data()};
  const auto compared = compare_engines(*bound, output);
  if (!compared) {
    result.fault = compared.error().faults.front().message;
    return result;
  }
  result.fault = *compared;
  if (output.fault != compiler::FaultKind::None)
    result.fault = refusal_of(*bound, output).faults.front().message;
  if (!result.fault.empty()) return result;
  result.total = output.total;
  result.expects_nothing = !example.whole && example.expects.empty();
  const auto left = left_of_grants(*bound, output);
  if (!left) {
    result.fault = left.error().faults.front().message;
    return result;
  }
  result.mismatches = Comparison(*bound, output, *left).mismatches(example);
  return result;
}

}  // namespace toll::runtime
