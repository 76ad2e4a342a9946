// Live cards from texts, with native code, for tests of what stands above the compiler.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/card_set.h"
#include "tests/support/cards.h"

namespace toll::testing {

inline const compiler::NativeCompiler& native_compiler() {
  static const compiler::NativeCompiler compiler = compiler::NativeCompiler::create().value();
  return compiler;
}

inline std::shared_ptr<const runtime::Revision> revision(LoweredCard card) {
  auto native = native_compiler().compile(card.program, compiler::Optimise::No);
  if (!native) give_up(native.error().message);
  return std::make_shared<const runtime::Revision>(
      std::move(card.card), std::move(card.program),
      std::make_shared<const compiler::NativeFunction>(std::move(*native)));
}

/// Without native code, whose making takes longer than that of the rest.
inline std::shared_ptr<const runtime::Revision> interpreted_revision(LoweredCard card) {
  return std::make_shared<const runtime::Revision>(std::move(card.card), std::move(card.program),
                                                   nullptr);
}

/// Those of files that were drawn at random. Empty where they are no cards, or where a card's
/// numbers are longer than code can hold, which is an error of the card.
inline runtime::CardSet::Revisions drawn_revisions(std::span<const dsl::SourceFile> files) {
  runtime::CardSet::Revisions revisions;
  for (dsl::RateCard& card : dsl::check(files).cards) {
    auto program = compiler::lower(card);
    if (!program) return {};
    revisions.push_back(interpreted_revision({std::move(card), *std::move(program)}));
  }
  return revisions;
}

/// A set of all cards in these files, or texts, which are checked together.
inline runtime::CardSet card_set(const std::vector<dsl::SourceFile>& files,
                                 decltype(revision)* make = revision) {
  runtime::CardSet::Revisions revisions;
  for (LoweredCard& card : lowered_cards(files)) revisions.push_back(make(std::move(card)));
  return runtime::CardSet(std::move(revisions));
}
inline runtime::CardSet card_set(const std::vector<std::string>& texts,
                                 decltype(revision)* make = revision) {
  std::vector<dsl::SourceFile> files;
  for (size_t i = 0; i < texts.size(); ++i)
    files.push_back({"card" + std::to_string(i) + ".toll", texts[i]});
  return card_set(files, make);
}

}  // namespace toll::testing
