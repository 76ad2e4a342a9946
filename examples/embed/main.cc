// What a pricing page asks: the invoice for one customer's usage, and the total for every position
// of a slider.
#include <toll/toll.h>

#include <cstdint>
#include <iostream>

namespace {

int complain(const std::vector<toll::Problem>& problems) {
  for (const toll::Problem& problem : problems)
    std::cerr << problem.where << ": " << problem.message << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: checkout FOLDER_OF_CARDS\n";
    return 2;
  }
  const auto cards = toll::RateCards::load(argv[1]);
  if (!cards) return complain(cards.error());

  constexpr auto kUsage = R"({
    "card": "api", "on": "2026-03-15",
    "usage": [ { "meter": "api_calls", "quantity": "250000" } ]
  })";
  const auto invoice = cards->quote(kUsage);
  if (!invoice) return complain(invoice.error());
  std::cout << *invoice << '\n';

  auto slider = cards->prepare(kUsage);
  if (!slider) return complain(slider.error());
  for (const uint64_t calls : {0, 100'000, 1'000'000, 10'000'000}) {
    if (const auto set = slider->set(0, calls); !set) return complain(set.error());
    const auto total = slider->total();
    if (!total) return complain(total.error());
    std::cout << calls << " calls: " << *total << " cents\n";
  }
}
