// Two sides of cards compared: what their texts say differently, and what their examples cost.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/int128.h"
#include "base/money.h"
#include "cli/diff/changes.h"
#include "cli/diff/sample_usage.h"
#include "dsl/format.h"
#include "runtime/loader.h"

namespace toll::cli {

/// A folder of one side: its files, and what became of them.
struct CheckedSide {
  std::vector<dsl::SourceFile> files;
  std::set<std::string> wanted;  ///< base names of the files whose cards are compared; empty: all
  runtime::CheckedFolder checked;
  dsl::CanonicalWords words;  ///< of the files

  bool wants(const runtime::CheckedCard& card) const {
    return wanted.empty() || wanted.contains(card.card.source.file);
  }

  /// Cards whose text is right, with those that a guarantee holds back.
  std::vector<const runtime::CheckedCard*> cards() const;
};

/// One version of a card that differs.
struct CardChange {
  std::string card;   ///< by its name, or "team/api" of a folder below
  std::string title;  ///< "version of 2026-01-01", "new card", "new version from … (was …)"
  std::vector<Change> changes;
};

/// What the cards of a folder say differently, by card and version, with what they extend worked
/// in. A version that only one side has is compared with the one before it.
std::vector<CardChange> card_changes(const CheckedSide& before, const CheckedSide& after);

/// The usage of an example, a golden invoice or a document, rated by both sides.
struct Rerated {
  std::string title, card, from;
  std::string currency;                  ///< of `after`, or of `before` where that has none
  std::optional<Decimal> before, after;  ///< totals; none: the side cannot rate the usage
  std::string why_not;  ///< the first reason why it cannot; empty: it has no such card

  bool differs() const { return before != after; }
};

/// Every example of either side once: with the usage of `after` where both have it.
std::vector<Rerated> rerated(const CheckedSide& before, const CheckedSide& after);

/// The documents whose card one of the sides has, in their order; they are taken out of `samples`.
std::vector<Rerated> rerated(const CheckedSide& before, const CheckedSide& after,
                             std::vector<SampleUsage>& samples);

}  // namespace toll::cli
