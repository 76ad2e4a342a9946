// Any bytes are a card: what checks and lowers must rate the same by interpreter and native code,
// for usage around its price points.

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/interpreter.h"
#include "compiler/lower.h"
#include "compiler/native.h"
#include "compiler/sample_usage.h"
#include "compiler/usage_vector.h"
#include "dsl/check.h"

namespace {

using namespace toll;

constexpr int kUsages = 16;
constexpr uint32_t kCellsMax = 10'000;  // larger tables make the fuzzer slow and find nothing more

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_small(const compiler::RatingProgram& program) {
  uint32_t cells = 0;
  for (const compiler::Charge& charge : program.charges) {
    if (charge.cells > kCellsMax) return false;
    cells += charge.cells;
  }
  return cells <= kCellsMax;
}

void compare_engines(const dsl::RateCard& card, const compiler::RatingProgram& program,
                     uint64_t seed) {
  static const auto compiler = compiler::NativeCompiler::create();
  const auto native = compiler->compile(program, compiler::Optimise::No);
  require(native.has_value());
  compiler::UsageSampler sampler(card, seed);
  compiler::UsageVector usage(card, program);
  std::vector<compiler::LineAmount> lines;
  for (int i = 0; i < kUsages; ++i) {
    usage.clear();
    for (const compiler::UsageSampler::Draw& draw : sampler.draw())
      usage.add(draw.meter, draw.values, draw.quantity);
    for (uint32_t pool = 0; pool < card.pools.size(); ++pool)
      usage.add_available(pool, sampler.draw_available(pool));
    compiler::RateInput* const input = usage.bind();
    if (!input) continue;
    input->period_days = 31;
    input->covered_days = 1 + i;
    input->final = i % 2;
    lines.resize(usage.lines().size());
    compiler::RateOutput reference{.lines = usage.lines().data()}, result{.lines = lines.data()};
    compiler::interpret(program, *input, reference);
    (*native)(*input, result);
    require(compiler::same_result(program, *input, reference, result));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<dsl::SourceFile> files = {
      {"fuzz.toll", std::string(reinterpret_cast<const char*>(data), size)}};
  const dsl::Checked checked = dsl::check(files);
  for (const dsl::Diagnostic& diagnostic : checked.diagnostics)
    require(dsl::render(diagnostic, files).ends_with('\n'));
  for (const dsl::RateCard& card : checked.cards) {
    const auto program = compiler::lower(card);
    if (!program) {
      require(dsl::render(program.error(), files).ends_with('\n'));
      continue;
    }
    require(!compiler::to_text(*program, card).empty());
    if (is_small(*program))
      compare_engines(card, *program, std::hash<std::string>{}(files.front().text));
  }
  return 0;
}
