// Every ```toll block of README.md and docs/ that begins with `toll 1` is a card file by itself: it
// checks without errors or warnings, its guarantees hold and its examples pass. A ```csv NAME block
// is a file that the cards of its page can read rows from.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/money.h"
#include "dsl/checker/budget.h"
#include "dsl/checker/numbers.h"
#include "dsl/checker/version_context.h"
#include "dsl/parse.h"
#include "dsl/scan/number.h"
#include "dsl/table_file.h"
#include "metering/read_events.h"
#include "runtime/examples.h"
#include "runtime/rate_table.h"
#include "tests/support/live.h"
#include "wire/text.h"
#include "wire/usage_json.h"

namespace toll {
namespace {

namespace fs = std::filesystem;

/// A card file that a page shows, and the table files of the page.
using Block = std::vector<dsl::SourceFile>;

std::vector<Block> blocks_of(const fs::path& path) {
  constexpr std::string_view kTable = "```csv ";
  std::vector<dsl::SourceFile> cards, tables;
  std::ifstream file(path);
  dsl::SourceFile* open = nullptr;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::string place =  // "docs/language.md:35"
        fs::relative(path, TOLL_SOURCE_DIR).string() + ":" + std::to_string(number);
    if (!open && line == "```toll") {
      open = &cards.emplace_back(dsl::SourceFile{place, ""});
    } else if (!open && line.starts_with(kTable)) {
      open = &tables.emplace_back(dsl::SourceFile{line.substr(kTable.size()), ""});
    } else if (open && line == "```") {
      open = nullptr;
    } else if (open) {
      open->text += line + "\n";
    }
  }
  std::vector<Block> blocks;
  for (dsl::SourceFile& card : cards) {
    if (!card.text.starts_with("toll 1\n")) continue;
    Block& block = blocks.emplace_back(Block{std::move(card)});
    block.insert(block.end(), tables.begin(), tables.end());
  }
  return blocks;
}

std::vector<Block> all_blocks() {
  std::vector<Block> blocks = blocks_of(fs::path(TOLL_SOURCE_DIR) / "README.md");
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TOLL_SOURCE_DIR) / "docs"))
    if (entry.path().extension() == ".md")
      for (Block& block : blocks_of(entry.path())) blocks.push_back(std::move(block));
  return blocks;
}

TEST(Docs, CardsThatTheyShowAreTrue) {
  const std::vector<Block> blocks = all_blocks();
  ASSERT_GE(blocks.size(), 6u);
  for (const Block& block : blocks) {
    const runtime::CheckedFolder checked = runtime::check_folder(block);
    for (const dsl::Diagnostic& diagnostic : checked.diagnostics)
      ADD_FAILURE() << dsl::render(diagnostic, block);
    ASSERT_FALSE(checked.cards.empty()) << block.front().path;
    runtime::CardSet::Revisions offers;
    for (const runtime::CheckedCard& offer : checked.cards)
      offers.push_back(testing::revision({offer.card, offer.program}));
    for (const auto& revision : offers)
      for (const dsl::Example& example : revision->card().examples) {
        const runtime::ExampleResult result = runtime::run_example(revision, example, offers);
        EXPECT_TRUE(result.passed()) << result.source << " " << result.title << " " << result.fault;
      }
  }
}

TEST(Docs, LimitsAreThoseOfTheCode) {
  using namespace dsl::checker;
  const dsl::ParseLimits text;
  const std::pair<const char*, uint64_t> limits[] = {
      {"a card file", text.bytes_max},
      {"a file that a card reads rows from", dsl::kTableFileBytesMax},
      {"a line", text.line_bytes_max},
      {"a word: a name, a value, a unit", text.word_bytes_max},
      {"a number", dsl::scan::kDigitsMax},
      {"decimal places of a price or an amount", kPriceLimits.places_max},
      {"decimal places of a percentage", kPercentLimits.places_max},
      {"charges of a card", kChargesMax},
      {"fees of a card", kFeesMax},
      {"rows of a charge", kRowsMax},
      {"tiers of a charge", kTiersMax},
      {"combinations of a charge's values", kCellsMax},
      {"money lines of a charge, and of the bill", kMoneyLinesMax},
      {"charges and fees that a share or a commitment names", kShareNamesMax},
      {"offers of a card: its plans, and what is common to them, times its currencies", kOffersMax},
      {"items of an example", kExampleItemsMax},
      {"errors, and as many warnings, listed for one file", Report::kListedMax},
      {"objects and lists inside one another", wire::kDepthMax},
      {"fields of one object", wire::kNamesMax},
      {"entries of `usage`", wire::kUsageMax},
      {"`items` and `days` of all entries together", wire::kItemsMax},
      {"an id: a customer, a card, a plan", wire::kIdBytesMax},
      {"faults that are listed", wire::kUsageFaultsMax},
      {"an event", metering::kEventBytesMax},
      {"objects inside one another in `data`", metering::kEventDepthMax},
      {"fields of `data`", metering::kEventFieldsMax},
      {"an id or a source", metering::kEventIdBytesMax},
      {"a row of a table", runtime::kTableLineBytesMax},
  };
  std::ifstream file(fs::path(TOLL_SOURCE_DIR) / "docs" / "limits.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  for (const auto& [what, most] : limits) {
    const std::string row =
        std::string("| ") + what + " | " + group_thousands(std::to_string(most)) + " ";
    EXPECT_TRUE(page.contains(row)) << row;
  }
}

}  // namespace
}  // namespace toll
