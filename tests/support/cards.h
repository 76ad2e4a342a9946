// Cards for tests: from text, or from ratecards/. Any diagnostic error ends the test program, since
// the test then is about another card than it says.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "compiler/lower.h"
#include "dsl/check.h"
#include "dsl/diagnostic.h"
#include "runtime/loader.h"

namespace toll::testing {

struct LoweredCard {
  dsl::RateCard card;
  compiler::RatingProgram program;
};

[[noreturn]] inline void give_up(const std::string& why) {
  std::fputs(why.c_str(), stderr);
  std::abort();
}

/// All cards of a set of files, checked and lowered.
inline std::vector<LoweredCard> lowered_cards(const std::vector<dsl::SourceFile>& files) {
  dsl::Checked checked = dsl::check(files);
  std::string errors;
  for (const dsl::Diagnostic& diagnostic : checked.diagnostics)
    if (diagnostic.severity == dsl::Severity::Error) errors += dsl::render(diagnostic, files);
  if (!errors.empty()) give_up(errors);
  std::vector<LoweredCard> cards;
  for (dsl::RateCard& card : checked.cards) {
    auto program = compiler::lower(card);
    if (!program) give_up(dsl::render(program.error(), files));
    cards.push_back({std::move(card), std::move(*program)});
  }
  return cards;
}

/// The one card of a text.
inline LoweredCard lowered_card(std::string text) {
  std::vector<LoweredCard> cards = lowered_cards({{"card.toll", std::move(text)}});
  if (cards.size() != 1) give_up("expected one card\n");
  return std::move(cards.front());
}

/// A folder of ratecards/, e.g. "founding".
inline std::vector<dsl::SourceFile> ratecard_files(const std::string& folder) {
  auto files =
      runtime::read_folder(std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards" / folder, folder);
  if (!files) give_up(files.error().message);
  return std::move(*files);
}

/// One card of a folder of ratecards/.
inline LoweredCard ratecard(const std::string& folder, const std::string& name) {
  for (LoweredCard& card : lowered_cards(ratecard_files(folder)))
    if (card.card.name == name) return std::move(card);
  give_up("no card " + name + " in ratecards/" + folder + "\n");
}

}  // namespace toll::testing
