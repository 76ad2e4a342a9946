// Hand-written C++ as a peer: peer_by_hand WORKLOAD FOLDER
#include <array>
#include <fstream>

#include "tests/peers/peer.h"
#include "tests/peers/rows_by_hand.h"

namespace toll::peers {
namespace {

/// From lines `MODEL,INPUT,CACHED,OUTPUT`, in order: a column for each kind.
std::array<Column, 3> read_prices(const std::string& path) {
  std::ifstream file(path);
  std::array<Column, 3> prices;
  char comma = 0;
  for (int64_t model = 0; file >> model;)
    for (Column& of_kind : prices) file >> comma >> of_kind.emplace_back();
  return prices;
}

int run(const std::string& workload, const std::string& folder) {
  auto columns = read_columns(folder + "/" + workload + ".bin", columns_of(workload));
  const auto prices = read_prices(folder + "/models_prices.csv");
  const size_t rows = columns.front().size();
  Column cents(rows);
  std::vector<uint8_t> models;
  if (workload == "models") {
    models = narrowed<uint8_t>(columns.front());
    columns.erase(columns.begin());
  }
  std::vector<std::vector<uint32_t>> quantities;
  for (const Column& column : columns) quantities.push_back(narrowed<uint32_t>(column));
  const BlockRate rate = [&](size_t begin, size_t count, int64_t* amounts) {
    const auto at = [&](size_t column) { return quantities[column].data() + begin; };
    if (workload == "graduated") return by_hand::graduated(at(0), amounts, count);
    if (workload == "hybrid") return by_hand::hybrid(at(0), at(1), amounts, count);
    const uint32_t* const tokens[3] = {at(0), at(1), at(2)};
    const int64_t* const of_kind[3] = {prices[0].data(), prices[1].data(), prices[2].data()};
    by_hand::models(models.data() + begin, tokens, of_kind, amounts, count);
  };
  const auto with = [&](size_t threads, Column* kept) {
    return [&, threads, kept] { return total_of(threads, rows, kept, [&] { return rate; }); };
  };
  return serve({{"amounts/1", with(1, &cents)},
                {"amounts/2", with(2, &cents)},
                {"total/1", with(1, nullptr)},
                {"total/2", with(2, nullptr)}});
}

}  // namespace
}  // namespace toll::peers

int main(int argc, char** argv) { return argc == 3 ? toll::peers::run(argv[1], argv[2]) : 2; }
