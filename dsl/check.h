// The files of a folder to checked rate cards.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/rate_card.h"
#include "dsl/source.h"

namespace toll::dsl {

/// A version that is in error, as far as it could be read.
struct HeldBack {
  std::string card;
  std::string file;                     ///< its base name
  Date from;                            ///< the first day of all where it is not known
  std::optional<Date> until;            ///< as it says itself, or where the next version begins
  std::optional<Date> stated_until;     ///< as it says itself
  std::optional<std::string> customer;  ///< it is for one customer only
  std::string deal_on;                  ///< the card that it changes for that customer; or empty
  AppliesTo applies = {};
  std::string time_zone = "UTC";
};

/// The version that a card is an offer of, where it turns out to be in error.
HeldBack held_back(const RateCard& card);

struct Checked {
  /// The cards without errors, ordered by name and date. A version stands there once for each of
  /// its offers: what is common to all plans first, then each plan, each in all currencies. A card
  /// with an error in any offer is absent; others of the folder are not held back by it.
  std::vector<RateCard> cards;
  std::vector<Diagnostic> diagnostics;  ///< in order of file and line
  std::vector<HeldBack> held_back;      ///< the versions that are absent

  /// A version with an invoice that asks for what its bills do not have.
  struct Contradicted {
    std::string card;
    Date from;
  };
  std::vector<Contradicted> contradicted;
};

/// Parses and checks files that belong together: units, dimensions and meters are shared by all.
/// Table files (dsl/table_file.h) stand among them; a card reads the rows of one by its name.
/// A repeated declaration must be the same word for word. The order of files changes nothing but
/// the order of diagnostics. Pure; may be called from any thread.
Checked check(std::span<const SourceFile> files);

}  // namespace toll::dsl
