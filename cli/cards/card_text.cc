#include "cli/cards/card_text.h"

#include <algorithm>

namespace toll::cli {

std::string block_text(dsl::Place block, std::span<const dsl::SourceFile> files) {
  std::string_view text = files[block.file].text;
  text = text.substr(block.span.begin, block.span.end - block.span.begin);
  const size_t last = text.find_last_not_of(" \r\n");
  return std::string(text.substr(0, last + 1)) + "\n";
}

std::string flattened(const dsl::RateCard& card, std::span<const dsl::SourceFile> files) {
  std::string text = "toll 1\n";
  bool one_line_before = false;
  for (const dsl::Reached& reached : card.reached) {
    const std::string declaration = block_text(reached.block, files);
    const bool one_line = std::ranges::count(declaration, '\n') == 1;
    if (!one_line || !one_line_before) text += '\n';
    text += declaration;
    one_line_before = one_line;
  }
  return text + "\n" + block_text(card.block, files);
}

}  // namespace toll::cli
