// Tables of usage in memory, rated by a card that has what tables can say.
#pragma once

#include <algorithm>
#include <string>

#include "runtime/rate_table.h"
#include "tests/support/live.h"

namespace toll::runtime {

inline constexpr const char* kCard = R"(toll 1
unit call, calls
unit token, tokens
unit seat, seats
dimension model is mini, large
dimension kind is input, output
meter calls counts call
meter tokens sums token by model, kind
meter seats counts seat

card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge calls
    included 100 calls
    at 0.50 USD per call
  charge tokens by model
    mini at 1.00 USD per 1M tokens
    large at 3.00 USD per 1M tokens
  charge seats each day
    at 0.10 USD per seat

card c_acme "C of Acme" extends c
  for customer acme
  from 2026-01-01
  change charge calls
    at 0.25 USD per call, was 0.50 USD per call
)";

inline const CardSet& cards() {
  static const CardSet set = testing::card_set({kCard});
  return set;
}

/// A card `c` of calls: further lines of its header, and its items.
inline std::string calls_text(const std::string& items, const std::string& from = "2026-01-01",
                              const std::string& header = "") {
  return "toll 1\nunit call, calls\nunit credit, credits\nmeter calls sums call\ncard c \"C\"\n"
         "  from " +
         from + "\n  currency USD\n  period month\n  round each line half-up\n" + header + "\n" +
         items;
}

struct Rated {
  std::string amounts, rejections;
  TableTotals totals;
  std::string fault;  ///< "line:column message; help"
};

inline Rated rated(const CardSet& cards, const std::string& table, TableOptions options,
                   size_t read_bytes = 1 << 16) {
  Rated result;
  size_t at = 0;
  const auto totals = rate_table(cards, options,
                                 {.read = [&](std::span<char> room) -> Result<size_t> {
                                    const size_t bytes =
                                        std::min({room.size(), read_bytes, table.size() - at});
                                    std::copy_n(table.data() + at, bytes, room.data());
                                    at += bytes;
                                    return bytes;
                                  },
                                  .amounts = [&](std::string_view text) -> Result<void> {
                                    result.amounts += text;
                                    return {};
                                  },
                                  .rejections = [&](std::string_view text) -> Result<void> {
                                    result.rejections += text;
                                    return {};
                                  }});
  if (totals) {
    result.totals = *totals;
  } else {
    const TableFault& fault = totals.error();
    result.fault = std::to_string(fault.line) + ":" + std::to_string(fault.column) + " " +
                   fault.message + "; " + fault.help;
  }
  return result;
}

inline TableOptions of_c() {
  TableOptions options;
  options.asked.card = "c";
  options.asked.on = parse_date("2026-03-01");
  return options;
}

inline Rated rated(const std::string& table) { return rated(cards(), table, of_c()); }

}  // namespace toll::runtime
