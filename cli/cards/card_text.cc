#include "cli/cards/card_text.h"

#include <algorithm>
#include <limits>
#include <variant>

#include "dsl/parse.h"

namespace toll::cli {

std::string block_text(dsl::Place block, std::span<const dsl::SourceFile> files) {
  std::string_view text = files[block.file].text;
  text = text.substr(block.span.begin, block.span.end - block.span.begin);
  const size_t last = text.find_last_not_of(" \r\n");
  return std::string(text.substr(0, last + 1)) + "\n";
}

namespace {

/// What speaks of other cards is a comment in a text that stands alone.
std::string alone(std::string card) {
  const std::string line = "\n  guarantee never dearer";
  for (size_t at = 0; (at = card.find(line, at)) != card.npos; at += line.size())
    card.insert(at + 3, "# ");
  return card;
}

/// The card without the items of other plans, and without the examples of other plans.
std::string text_of_plan(const std::string& card, const std::string& plan) {
  const std::string head = "toll 1\n";
  const dsl::SourceFile file{"", head + card};
  // With the rows of table files it may be longer than a file can be.
  const dsl::Parsed parsed =
      dsl::parse(file, 0, {.bytes_max = std::numeric_limits<uint32_t>::max()});
  const auto& tree = std::get<dsl::syntax::Card>(parsed.tree.declarations.front());
  const auto begin_of_line = [&](const dsl::syntax::Item& item) {
    const uint32_t at = std::visit([](const auto& each) { return each.span.begin; }, item);
    return file.text.rfind('\n', at) + 1;
  };
  const dsl::syntax::Plan* open = nullptr;
  const auto is_kept = [&](const dsl::syntax::Item& item) {
    if (const auto* opened = std::get_if<dsl::syntax::Plan>(&item)) open = opened;
    if (std::holds_alternative<dsl::syntax::Guarantee>(item)) return true;
    const auto* example = std::get_if<dsl::syntax::Example>(&item);
    if (example)
      return example->plan && example->plan->plan.text == plan && example->plan_changes.empty();
    return !open || open->name.text == plan;
  };
  if (tree.items.empty()) return card;
  std::string text = file.text.substr(head.size(), begin_of_line(tree.items.front()) - head.size());
  for (size_t i = 0; i < tree.items.size(); ++i) {
    const size_t begin = begin_of_line(tree.items[i]);
    const size_t end =
        i + 1 < tree.items.size() ? begin_of_line(tree.items[i + 1]) : file.text.size();
    if (is_kept(tree.items[i])) text += file.text.substr(begin, end - begin);
  }
  text.erase(text.find_last_not_of('\n') + 1);
  return text + "\n";
}

}  // namespace

std::string flattened(const dsl::RateCard& card, std::span<const dsl::SourceFile> files,
                      const std::string& plan) {
  std::string text = "toll 1\n";
  bool one_line_before = false;
  for (const dsl::Reached& reached : card.reached) {
    const std::string declaration = block_text(reached.block, files);
    const bool one_line = std::ranges::count(declaration, '\n') == 1;
    if (!one_line || !one_line_before) text += '\n';
    text += declaration;
    one_line_before = one_line;
  }
  const std::string head = "toll 1\n";
  const std::string own =
      alone(card.text ? card.text->substr(head.size()) : block_text(card.block, files));
  return text + "\n" + (plan.empty() ? own : text_of_plan(own, plan));
}

}  // namespace toll::cli
