// What a store of identities and counts is measured with: batches of 1,000 new events of a hundred
// customers, which it gets already read.
#pragma once

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace toll::bench {

constexpr size_t kBatch = 1000;
constexpr size_t kCustomers = 100;

struct CountedEvent {
  std::string identity, customer;
  uint64_t quantity = 0;
};

[[noreturn]] inline void give_up(std::string_view why) {
  fmt::print(stderr, "ingest_bench: {}\n", why);
  std::exit(1);
}

inline std::string customer(size_t number) {
  return fmt::format("customer-{}", number % kCustomers);
}

/// `store.ingest(events)` makes a batch durable and says how many of it were new.
template <typename Store>
void ingest_counted(benchmark::State& state, Store& store) {
  size_t number = 0, next = 0;
  std::vector<std::vector<CountedEvent>> batches(static_cast<size_t>(state.max_iterations));
  for (std::vector<CountedEvent>& events : batches)
    for (size_t i = 0; i < kBatch; ++i, ++number)
      events.push_back(
          {fmt::format("/gateway/eu-1/req-{}", number), customer(number), 1000 + number % 500});
  for (auto _ : state)
    if (store.ingest(batches[next++]) != kBatch) give_up("an event was not new");
  state.SetItemsProcessed(static_cast<int64_t>(number));
}

}  // namespace toll::bench
