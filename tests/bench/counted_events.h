// What a store of identities and counts is measured with: batches of 1,000 new events of a hundred
// customers, which it gets already read.
#pragma once

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/give_up.h"

namespace toll::bench {

constexpr size_t kBatch = 1000;
constexpr size_t kCustomers = 100;

struct CountedEvent {
  std::string identity, customer;
  uint64_t quantity = 0;
};

inline std::string customer(size_t number) {
  return fmt::format("customer-{}", number % kCustomers);
}

/// Ids that rise, or lie anywhere, as those that are made at random do.
enum class Ids { Rising, Random };

inline std::string id_of(size_t number, Ids ids) {
  if (ids == Ids::Rising) return fmt::format("req-{}", number);
  // splitmix64: no two numbers give the same.
  uint64_t mixed = (number + 1) * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  return fmt::format("{:016x}{:016x}", mixed, mixed * 0xd6e8feb86659fd93);
}

/// `store.ingest(events)` makes a batch durable and says how many of it were new.
template <typename Store>
void ingest_counted(benchmark::State& state, Store& store, Ids ids = Ids::Rising) {
  size_t number = 0, next = 0;
  std::vector<std::vector<CountedEvent>> batches(static_cast<size_t>(state.max_iterations));
  for (std::vector<CountedEvent>& events : batches)
    for (size_t i = 0; i < kBatch; ++i, ++number)
      events.push_back(
          {"/gateway/eu-1/" + id_of(number, ids), customer(number), 1000 + number % 500});
  for (auto _ : state)
    if (store.ingest(batches[next++]) != kBatch) give_up("an event was not new");
  state.SetItemsProcessed(static_cast<int64_t>(number));
}

}  // namespace toll::bench
