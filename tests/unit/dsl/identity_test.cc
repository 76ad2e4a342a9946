// A card is known by what it says and what it reaches: no more, no less.
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

constexpr std::string_view kUnits = "unit call, calls\nunit bundle, bundles = 100 calls\n";
constexpr std::string_view kDimension = "dimension region is eu, us\n";
constexpr std::string_view kMeter = "meter api_calls counts call by region\n";
constexpr std::string_view kCard = R"(card api "API"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge api_calls "Calls"
    at 0.40 USD per bundle
)";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text = "toll 1\n";
  for (std::string_view part : parts) text.append("\n").append(part);
  return text;
}

std::string with(std::string_view text, std::string_view old, std::string_view replacement) {
  std::string changed(text);
  const auto at = changed.find(old);
  EXPECT_NE(at, changed.npos) << old;
  return changed.replace(at, old.size(), replacement);
}

std::string hash_of(const std::string& text) { return card_of(text).hash; }

const std::string& original() {
  static const std::string kHash = hash_of(joined({kUnits, kDimension, kMeter, kCard}));
  return kHash;
}

TEST(Identity, IsTheHashOfTheCardAndThenOfTheDeclarationsByKindAndName) {
  EXPECT_EQ(original(),
            "sha256:" + sha256_hex("card api \"API\"\nfrom 2026-01-01\ncurrency USD\nperiod month\n"
                                   "round each line half-up\ncharge api_calls \"Calls\"\n"
                                   "at 0.40 USD per bundle\n"
                                   "unit bundle , bundles = 100 calls\nunit call , calls\n"
                                   "dimension region is eu , us\n"
                                   "meter api_calls counts call by region\n"));
}

TEST(Identity, IsNotChangedByLayoutCommentsOrOrder) {
  EXPECT_EQ(hash_of(joined({kCard, kMeter, kUnits, kDimension})), original());
  EXPECT_EQ(hash_of(joined({"# all calls\n", kDimension, kUnits, "# of the API\n", kMeter,
                            "# the card\n", kCard, "# the end\n"})),
            original());
  EXPECT_EQ(
      hash_of(joined({kUnits, kDimension, kMeter,
                      with(kCard, "0.40 USD per", "0.40   USD  per  bundle # net\n #"), "\n\n"})),
      original());
  EXPECT_EQ(hash_of(joined({kUnits, kDimension, with(kMeter, "counts call", "counts   call"),
                            with(kCard, "at 0.40", "at   0.40")})),
            original());
}

TEST(Identity, IsNotChangedByWhatFormattingChanges) {
  const auto hash = [](std::string_view was, std::string_view is) {
    const std::string text =
        joined({"unit crate, crates = 1,000 calls\n", kUnits, kDimension, kMeter,
                with(kCard, "0.40 USD per bundle", "0.40 USD per 2,000 calls")});
    return hash_of(was.empty() ? text : with(text, was, is));
  };
  EXPECT_EQ(hash("2,000 calls", "2000 calls"), hash("", ""));
  EXPECT_EQ(hash("2,000 calls", "2000 call"), hash("", ""));
  EXPECT_EQ(hash("= 100 calls", "= 100 call"), hash("", ""));
  EXPECT_EQ(hash("  from 2026-01-01\n  currency USD\n", "  currency USD\n  from 2026-01-01\n"),
            hash("", ""));
  EXPECT_NE(hash("2,000 calls", "3,000 calls"), hash("", ""));
  // Where the unit is declared does not matter either.
  const std::vector<SourceFile> files{
      {"units.toll", joined({kUnits, kMeter, kDimension})},
      {"api.toll", "toll 1\n" + with(kCard, "per bundle", "per 1000 call")}};
  const std::vector<SourceFile> one{
      {"api.toll",
       joined({kUnits, kMeter, kDimension, with(kCard, "per bundle", "per 1,000 calls")})}};
  ASSERT_EQ(check(files).cards.size(), 1u);
  EXPECT_EQ(check(files).cards[0].hash, check(one).cards[0].hash);
}

TEST(Identity, IsNotChangedByWhatTheCardDoesNotReach) {
  constexpr std::string_view kOthers = R"(unit seat, seats
dimension mode is live, batch
meter seats peaks seat by mode
card seat_plan
  from 2026-01-01
  currency EUR
  period month
  round each line half-up
  charge seats
    at 1 EUR per seat
)";
  const Checked checked = check_text(joined({kOthers, kUnits, kDimension, kMeter, kCard}));
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_EQ(checked.cards[0].hash, original());
  EXPECT_NE(checked.cards[1].hash, original());

  const std::string invoice = R"(invoice "Acme" for api in 2026-01
  use api_calls eu: 100 calls
  expect total 0.40 USD
)";
  EXPECT_EQ(hash_of(joined({kUnits, kDimension, kMeter, kCard, invoice})), original());
}

TEST(Identity, IsNotChangedByWhereItStands) {
  const std::vector<SourceFile> files{{"units.toll", joined({kUnits})},
                                      {"meters.toll", joined({kMeter, kDimension, kUnits})},
                                      {"cards/api.toll", joined({kCard})}};
  const Checked checked = check(files);
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_EQ(checked.cards[0].hash, original());
}

TEST(Identity, IsNotChangedByALaterVersion) {
  const std::string later = with(kCard, "2026-01-01", "2026-07-01");
  const Checked checked = check_text(joined({kUnits, kDimension, kMeter, kCard, later}));
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_EQ(checked.cards[0].hash, original());
}

TEST(Identity, IsChangedByEverythingThatIsSaid) {
  const std::vector<std::string> changed{
      joined({kUnits, kDimension, kMeter, with(kCard, "0.40", "0.41")}),
      joined({kUnits, kDimension, kMeter, with(kCard, "0.40", "0.400")}),
      joined({kUnits, kDimension, kMeter, with(kCard, "2026-01-01", "2026-02-01")}),
      joined({kUnits, kDimension, kMeter, with(kCard, "half-up", "half-even")}),
      joined({kUnits, kDimension, kMeter, with(kCard, "Calls", "calls")}),
      joined({kUnits, kDimension, kMeter, kCard, "    discount 1%\n"}),
      joined({with(kUnits, "100", "200"), kDimension, kMeter, kCard}),
      joined({with(kUnits, "bundle, bundles", "bundle, packs"), kDimension, kMeter, kCard}),
      joined({kUnits, with(kDimension, "eu, us", "us, eu"), kMeter, kCard}),
      joined({kUnits, kDimension, kMeter, "  from api.request\n", kCard}),
      joined(
          {kUnits, kDimension, kMeter, kCard, "  example \"One\"\n    use api_calls eu: 1 call\n"}),
  };
  std::vector<std::string> hashes{original()};
  for (const std::string& text : changed) hashes.push_back(hash_of(text));
  for (size_t i = 0; i < hashes.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(hashes[i], hashes[j]) << i << " and " << j;
  }
}

TEST(Identity, ReachesTheUnitsThatUnitsStandOn) {
  const auto hash = [](std::string_view size) {
    return hash_of(joined({"unit crate, crates = 10 bundles\n", with(kUnits, "100", size),
                           kDimension, kMeter, with(kCard, "bundle", "crate")}));
  };
  EXPECT_NE(hash("100"), hash("200"));
}

}  // namespace
}  // namespace toll::dsl
