// Every ```toll block of README.md and docs/ that begins with `toll 1` is a card file by itself: it
// checks without errors or warnings, its guarantees hold and its examples pass.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/examples.h"
#include "tests/support/live.h"

namespace toll {
namespace {

namespace fs = std::filesystem;

struct Block {
  std::string place;  ///< "docs/language.md:35"
  std::string text;
};

std::vector<Block> blocks_of(const fs::path& path) {
  std::vector<Block> blocks;
  std::ifstream file(path);
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (!inside && line == "```toll") {
      inside = true;
      blocks.push_back(
          {fs::relative(path, TOLL_SOURCE_DIR).string() + ":" + std::to_string(number), ""});
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  std::erase_if(blocks, [](const Block& block) { return !block.text.starts_with("toll 1\n"); });
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
    const dsl::SourceFile file{block.place, block.text};
    const runtime::CheckedFolder checked = runtime::check_folder({&file, 1});
    for (const dsl::Diagnostic& diagnostic : checked.diagnostics)
      ADD_FAILURE() << dsl::render(diagnostic, {&file, 1});
    ASSERT_FALSE(checked.cards.empty()) << block.place;
    for (const runtime::CheckedCard& offer : checked.cards) {
      const auto revision = testing::revision({offer.card, offer.program});
      for (const dsl::Example& example : revision->card().examples) {
        const runtime::ExampleResult result = runtime::run_example(revision, example);
        EXPECT_TRUE(result.passed()) << result.source << " " << result.title << " " << result.fault;
      }
    }
  }
}

}  // namespace
}  // namespace toll
