// Texts that ask for much: refused or checked, quickly and in little memory.
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

#include "tests/support/sanitizers.h"
#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

using Codes = std::vector<std::string>;

/// A file as large as the parser takes it, in parts.
std::vector<SourceFile> in_files(const std::vector<std::string>& texts) {
  std::vector<SourceFile> files;
  for (const std::string& text : texts) {
    files.push_back({"file" + std::to_string(files.size()) + ".toll", text});
  }
  return files;
}

template <typename Make>
std::string repeated(int count, Make make) {
  std::string text;
  for (int i = 0; i < count; ++i) text += make(std::to_string(i));
  return text;
}

/// The dimensions `d0`, `d1`, ... with values `v0`, `v1`, ..., and a meter by all of them.
std::string wide_meter(int dimensions, int values) {
  std::string names;
  std::string text = "toll 1\nunit call, calls\n";
  for (int d = 0; d < dimensions; ++d) {
    text += "dimension d" + std::to_string(d) + " is v0" +
            repeated(values - 1, [](const std::string& i) { return ", w" + i; }) + "\n";
    names += (d ? ", d" : "d") + std::to_string(d);
  }
  return text + "meter wide counts call by " + names + "\n";
}

std::string by(int dimensions) {
  std::string names = " by d0";
  for (int d = 1; d < dimensions; ++d) names += ", d" + std::to_string(d);
  return names;
}

std::string any(int dimensions) {
  std::string keys = "any";
  for (int d = 1; d < dimensions; ++d) keys += ", any";
  return keys;
}

class CheckBudget : public ::testing::Test {
 protected:
  void SetUp() override { begin_ = std::chrono::steady_clock::now(); }
  void TearDown() override {
    // Sanitizers and busy machines are slow; what is quadratic would take minutes.
    const auto seconds = std::chrono::steady_clock::now() - begin_;
    EXPECT_LT(seconds, std::chrono::seconds(toll::testing::kSanitized ? 60 : 10));
  }

 private:
  std::chrono::steady_clock::time_point begin_;
};

TEST_F(CheckBudget, RefusesMoreChargesThanACardHas) {
  const auto charge = [](const std::string& i) {
    return "  charge c" + i + " on storage\n    at 1 USD per GiB-month\n";
  };
  EXPECT_EQ(codes(check_text(text_with(repeated(1'000, charge)))), Codes{"W127"});
  EXPECT_EQ(codes(check_text(text_with(repeated(1'500, charge)))), Codes{"E214"});
}

TEST_F(CheckBudget, RefusesMoreTiersThanAChargeHas) {
  const auto tier = [](const std::string& i) {
    return "    up to " + std::to_string(std::stoi(i) + 1) + " GiB-months at 1." + i +
           " USD per GiB-month\n";
  };
  const auto text = [&](int count) {
    return text_with("  charge storage\n    tiers volume\n" + repeated(count, tier) +
                     "    beyond free\n");
  };
  EXPECT_EQ(codes(check_text(text(9'999))), Codes{"W127"});
  EXPECT_EQ(codes(check_text(text(10'000))), Codes{"E214"});
}

TEST_F(CheckBudget, ChecksTensOfThousandsOfRowsOfOneTable) {
  constexpr int kValues = 20'000;
  std::string values = "toll 1\nunit call, calls\ndimension op is other\n";
  // Lines are bounded, so a dimension of many values is derived from a number.
  values =
      "toll 1\nunit call, calls\ndimension op by size\n" +
      repeated(kValues, [](const std::string& i) { return "  v" + i + " up to " + i + ".5\n"; }) +
      "  top beyond\nmeter wide counts call by op\n";
  const std::string rows =
      "toll 1\n" + card_with("  charge wide by op\n" +
                             repeated(kValues,
                                      [](const std::string& i) {
                                        return "    v" + i + " at 0.01 USD per call\n";
                                      }) +
                             "    any free\n");
  const Checked checked = check(in_files({values, rows}));
  EXPECT_EQ(codes(checked), Codes{});
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_EQ(checked.cards[0].charges[0].tables.size(), kValues + 1u);

  // The same with every row wrong: few diagnostics, and no search among thousands for each.
  const std::string wrong =
      "toll 1\n" + card_with("  charge wide by op\n" + repeated(kValues, [](const std::string& i) {
                               return "    x" + i + " at 0.01 USD per call\n";
                             }));
  const Checked refused = check(in_files({values, wrong}));
  EXPECT_LE(refused.diagnostics.size(), 51u);
  EXPECT_EQ(refused.diagnostics.front().code, "E206");
}

TEST_F(CheckBudget, RefusesTablesWithMoreCellsThanAMillion) {
  EXPECT_EQ(codes(check_text(wide_meter(3, 101) +
                             card_with("  charge wide" + by(3) + "\n    any, any, any free\n"))),
            Codes{"E214"});
  EXPECT_EQ(codes(check_text(wide_meter(60, 60) +
                             card_with("  charge wide" + by(60) + "\n    " + any(60) + " free\n"))),
            Codes{"E214"});
}

TEST_F(CheckBudget, BoundsTheCellsOfAllTablesTogether) {
  const auto charge = [](const std::string& i) {
    return "  charge c" + i + " on wide" + by(19) + "\n    " + any(19) + " free\n";
  };
  const Checked checked = check_text(wide_meter(19, 2) + card_with(repeated(500, charge)));
  EXPECT_TRUE(checked.cards.empty());
  EXPECT_EQ(checked.diagnostics.front().code, "E214");
  EXPECT_LE(checked.diagnostics.size(), 51u);
}

TEST_F(CheckBudget, BoundsTheWorkOfRowsThatOverlap) {
  std::string rows;
  for (int i = 0; i < 19; ++i) {
    for (int j = 0; j < i; ++j) {
      for (int value = 0; value < 4; ++value) {
        std::string row = "    ";
        for (int d = 0; d < 19; ++d) {
          row += d ? ", " : "";
          row += d == i ? (value & 1 ? "w0" : "v0") : d == j ? (value & 2 ? "w0" : "v0") : "any";
        }
        rows += row + " free\n";
      }
    }
  }
  const Checked checked =
      check_text(wide_meter(19, 2) + card_with("  charge wide" + by(19) + "\n" + rows));
  EXPECT_EQ(codes(checked), Codes{"E214"});
}

TEST_F(CheckBudget, BoundsWhatManyCardsCopyOfOneDeclaration) {
  const std::string declarations =
      "toll 1\nunit call, calls\ndimension op by size\n" +
      repeated(20'000, [](const std::string& i) { return "  v" + i + " up to " + i + ".5\n"; }) +
      "  top beyond\nmeter wide counts call by op\n";
  const auto card = [](const std::string& i) {
    return "card c" + i +
           "\n  from 2026-01-01\n  currency USD\n  period month\n  round each line up\n"
           "  charge wide\n    free\n";
  };
  const auto files = in_files({declarations, "toll 1\n" + repeated(8'000, card)});
  const std::clock_t begin = std::clock();
  const Checked checked = check(files);
  const double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;  // whatever else is running
  EXPECT_LT(seconds, toll::testing::kSanitized ? 15 : 1);
  EXPECT_FALSE(checked.cards.empty());
  EXPECT_LT(checked.cards.size(), 200u);
  EXPECT_LE(checked.diagnostics.size(), 51u);
  EXPECT_EQ(checked.diagnostics.front().code, "E214");
}

TEST_F(CheckBudget, ListsAFewOfManyErrorsAndSaysHowManyThereAre) {
  const auto fee = [](const std::string& i) {
    return "  fee f" + i + " at 1.001 USD per month, not prorated\n";
  };
  const Checked checked = check_text(text_with(repeated(300, fee)));
  ASSERT_EQ(checked.diagnostics.size(), 51u);
  EXPECT_EQ(checked.diagnostics.back().code, "E025");
  EXPECT_EQ(checked.diagnostics.back().message, "250 more errors in this file");
}

TEST_F(CheckBudget, ChecksManyDeclarationsExamplesAndLimits) {
  std::string text =
      "toll 1\n" + repeated(5'000, [](const std::string& i) { return "unit u" + i + "\n"; }) +
      repeated(5'000, [](const std::string& i) { return "meter m" + i + " counts u" + i + "\n"; });
  text += card_with("  charge m0\n    at 1 USD per u0\n" +
                    repeated(5'000,
                             [](const std::string& i) {
                               return "  limit m0 to " + i + " u0 per second then throttle\n";
                             }) +
                    repeated(5'000, [](const std::string& i) {
                      return "  example \"" + i + "\"\n    use m0 5 u0\n    expect m0 5.00 USD\n";
                    }));
  const Checked checked = check_text(text);
  EXPECT_FALSE(checked.diagnostics.empty());
  EXPECT_LE(checked.diagnostics.size(), 51u);
}

}  // namespace
}  // namespace toll::dsl
