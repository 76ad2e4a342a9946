#include "runtime/examples.h"

#include <algorithm>
#include <map>

#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/example_usage.h"

namespace toll::runtime {
namespace {

/// Interpreter and native code on one input; empty when they agree.
std::string compare_engines(const BoundUsage& bound, compiler::RateOutput& output) {
  const Revision& revision = *bound.revision;
  compiler::interpret(revision.program(), *bound.input, output);
  if (!revision.native()) return {};
  std::vector<compiler::LineAmount> lines(compiler::line_count(revision.program(), *bound.input));
  compiler::RateOutput native{.lines = lines.data()};
  (*revision.native())(*bound.input, native);
  return compiler::same_result(revision.program(), *bound.input, output, native)
             ? std::string()
             : "interpreter and native code differ: please report this card";
}

/// Amounts by path, as an example states them: a bill or shared line that is not due counts as 0.
class Comparison {
 public:
  Comparison(const BoundUsage& bound, const compiler::RateOutput& output) {
    got_["total"] = output.total;
    const std::vector<uint32_t> shown = shown_lines(bound, output);
    compiler::for_each_line(bound.revision->program(), *bound.input,
                            [&](uint32_t line, const compiler::LineOrigin& origin) {
                              const std::string path = path_of(*bound.revision, origin);
                              got_[path] += output.lines[line].amount;
                              if (std::ranges::binary_search(shown, line)) lines_.push_back(path);
                            });
  }

  std::vector<Mismatch> mismatches(const dsl::Example& example) const {
    std::vector<Mismatch> result;
    for (const dsl::Example::Expect& expect : example.expects) {
      const auto got = got_.find(expect.path);
      if (got == got_.end())
        result.push_back({expect.path, expect.amount_minor, std::nullopt, place_of(expect.source)});
      else if (got->second != expect.amount_minor)
        result.push_back({expect.path, expect.amount_minor, got->second, place_of(expect.source)});
    }
    if (!example.whole) return result;
    // A golden invoice stands for the whole bill.
    std::vector<std::string> required = lines_;
    required.push_back("total");
    for (const std::string& path : required)
      if (std::ranges::find(example.expects, path, &dsl::Example::Expect::path) ==
          example.expects.end())
        result.push_back({path, std::nullopt, got_.at(path), place_of(example.source)});
    return result;
  }

 private:
  std::map<std::string, Int128> got_;
  std::vector<std::string> lines_;
};

}  // namespace

ExampleResult run_example(const std::shared_ptr<const Revision>& revision,
                          const dsl::Example& example) {
  ExampleResult result;
  result.title = example.title;
  result.source = place_of(example.source);
  const std::unique_ptr<BoundUsage> bound = bind_example(revision, example);
  if (!bound) {
    result.fault = "the quantities of a meter add up to 10^18 or more";
    return result;
  }
  compiler::RateOutput output{.lines = bound->usage.lines().data()};
  result.fault = compare_engines(*bound, output);
  if (output.fault != compiler::FaultKind::None)
    result.fault = refusal_of(*bound, output).faults.front().message;
  if (!result.fault.empty()) return result;
  result.total = output.total;
  result.expects_nothing = !example.whole && example.expects.empty();
  result.mismatches = Comparison(*bound, output).mismatches(example);
  return result;
}

}  // namespace toll::runtime
