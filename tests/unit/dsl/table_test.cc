#include "dsl/checker/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace toll::dsl::checker {
namespace {

/// What one cell makes of the rows, by the definition: of those that match, the fewest `any`.
struct Best {
  std::vector<uint32_t> rows;
};

bool matches(const Keys& keys, const std::vector<uint32_t>& values) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != kAny && keys[i] != values[i]) return false;
  }
  return true;
}

Best best(const std::vector<Keys>& rows, const std::vector<uint32_t>& values) {
  Best best;
  auto fewest = std::numeric_limits<ptrdiff_t>::max();
  for (uint32_t row = 0; row < rows.size(); ++row) {
    if (!matches(rows[row], values)) continue;
    const auto wildcards = std::ranges::count(rows[row], kAny);
    if (wildcards > fewest) continue;
    if (wildcards < fewest) best.rows.clear();
    fewest = wildcards;
    best.rows.push_back(row);
  }
  return best;
}

/// Holds match_rows to the definition, cell by cell.
void expect_by_definition(const std::vector<Keys>& rows, const std::vector<uint32_t>& counts) {
  Budget budget(0);
  const auto match = match_rows(rows, counts, budget);
  ASSERT_TRUE(match.has_value());

  std::set<uint32_t> reached;
  std::set<std::pair<uint32_t, uint32_t>> tied;
  std::vector<uint32_t> unmatched;
  for (uint32_t cell = 0; cell < match->row_of_cell.size(); ++cell) {
    const auto [candidates] = best(rows, values_of_cell(cell, counts));
    reached.insert(candidates.begin(), candidates.end());
    if (candidates.empty()) {
      unmatched.push_back(cell);
      EXPECT_EQ(match->row_of_cell[cell], kNoRow);
    } else {
      EXPECT_EQ(match->row_of_cell[cell], candidates.front());
    }
    for (size_t i = 1; i < candidates.size(); ++i) tied.insert({candidates.front(), candidates[i]});
  }

  std::set<std::pair<uint32_t, uint32_t>> ties;
  for (const auto& tie : match->ties) {
    ties.insert({tie.first, tie.second});
    const auto [candidates] = best(rows, values_of_cell(tie.cell, counts));
    EXPECT_TRUE(std::ranges::count(candidates, tie.first) == 1);
    EXPECT_TRUE(std::ranges::count(candidates, tie.second) == 1);
  }
  EXPECT_EQ(ties, tied);
  EXPECT_EQ(match->unmatched_count, unmatched.size());
  unmatched.resize(std::min<size_t>(unmatched.size(), 5));
  EXPECT_EQ(match->unmatched, unmatched);
  for (uint32_t row = 0; row < rows.size(); ++row) {
    EXPECT_EQ(std::ranges::count(match->unreached, row), reached.contains(row) ? 0 : 1) << row;
  }
}

/// Every row that a world of so many values has, `any` included.
std::vector<Keys> all_rows(const std::vector<uint32_t>& counts) {
  std::vector<Keys> rows{{}};
  for (uint32_t count : counts) {
    std::vector<Keys> longer;
    for (const Keys& row : rows) {
      for (uint32_t value = 0; value <= count; ++value) {
        longer.push_back(row);
        longer.back().push_back(value == count ? kAny : value);
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

TEST(Table, GivesEveryCellItsMostSpecificRowInAllSmallWorlds) {
  for (const std::vector<uint32_t>& counts :
       std::vector<std::vector<uint32_t>>{{1}, {2}, {3}, {1, 1}, {1, 2}, {2, 2}, {3, 1}, {2, 3}}) {
    const auto rows = all_rows(counts);
    for (uint32_t chosen = 0; chosen < (1u << rows.size()); ++chosen) {
      std::vector<Keys> table;
      for (size_t i = 0; i < rows.size(); ++i) {
        if (chosen >> i & 1) table.push_back(rows[i]);
      }
      expect_by_definition(table, counts);
      if (HasFailure()) return;
    }
  }
}

TEST(Table, GivesEveryCellItsMostSpecificRowInLargerWorldsAndAnyOrder) {
  std::mt19937 random(20260101);
  for (int run = 0; run < 2000 && !HasFailure(); ++run) {
    std::vector<uint32_t> counts(3);
    for (uint32_t& count : counts) count = 1 + random() % 3;
    auto rows = all_rows(counts);
    std::ranges::shuffle(rows, random);
    rows.resize(1 + random() % 6);
    // The few ties that are reported are all there are in a table this small.
    expect_by_definition(rows, counts);
  }
}

TEST(Table, CountsCellsWithoutOverflow) {
  EXPECT_EQ(count_cells({}), 1u);
  const std::vector<uint32_t> million{1000, 1000};
  EXPECT_EQ(count_cells(million), 1'000'000u);
  const std::vector<uint32_t> more{1000, 1001};
  EXPECT_FALSE(count_cells(more).has_value());
  const std::vector<uint32_t> many(64, 100'000);
  EXPECT_FALSE(count_cells(many).has_value());
}

TEST(Table, CountsTheLastDimensionFastest) {
  const std::vector<uint32_t> counts{2, 3, 4};
  EXPECT_EQ(values_of_cell(0, counts), (std::vector<uint32_t>{0, 0, 0}));
  EXPECT_EQ(values_of_cell(1, counts), (std::vector<uint32_t>{0, 0, 1}));
  EXPECT_EQ(values_of_cell(4, counts), (std::vector<uint32_t>{0, 1, 0}));
  EXPECT_EQ(values_of_cell(23, counts), (std::vector<uint32_t>{1, 2, 3}));
}

TEST(Table, StopsWhenRowsCoverMoreThanTheBudgetHas) {
  const std::vector<uint32_t> counts(19, 2);  // half a million cells
  std::vector<Keys> rows;
  for (size_t i = 0; i < counts.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      for (uint32_t values = 0; values < 4; ++values) {
        rows.push_back(Keys(counts.size(), kAny));
        rows.back()[i] = values & 1;
        rows.back()[j] = values >> 1;
      }
    }
  }
  Budget budget(0);
  EXPECT_FALSE(match_rows(rows, counts, budget).has_value());
}

}  // namespace
}  // namespace toll::dsl::checker
