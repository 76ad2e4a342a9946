// Compiles, calls and drops a card's native code again and again, and prints the resident memory:
// `memory_bench [CYCLES]`, 10,000 where nothing is said. Fails when memory has grown by 2 MiB or
// more between a tenth of the way and the end.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "compiler/native.h"
#include "compiler/usage_vector.h"
#include "tests/support/cards.h"

namespace {

using namespace toll;

long resident_kib() {
  std::ifstream file("/proc/self/statm");
  long pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const int cycles = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const testing::LoweredCard card = testing::ratecard("founding", "object_storage");
  const auto compiler = compiler::NativeCompiler::create();
  compiler::UsageVector usage(card.card, card.program);
  const compiler::RateInput* input = usage.bind();
  long early = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int cycle = 1; cycle <= cycles; ++cycle) {
    const auto function = compiler->compile(card.program, compiler::Optimise::Yes);
    if (!function) testing::give_up(function.error().message);
    compiler::RateOutput output{.lines = usage.lines().data()};
    (*function)(*input, output);
    if (output.fault != compiler::FaultKind::None) testing::give_up("a fault in an empty period");
    if (cycle == cycles / 10) early = resident_kib();
    if (cycle % (cycles / 10) == 0)
      fmt::print("cycle {:>6}  resident {:>7} KiB\n", cycle, resident_kib());
  }
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
  const long growth = resident_kib() - early;
  fmt::print("{} cycles of {:.2f} ms; growth from cycle {} to {}: {} KiB\n", cycles,
             taken.count() / cycles, cycles / 10, cycles, growth);
  return growth < 2048 ? 0 : 1;
}
