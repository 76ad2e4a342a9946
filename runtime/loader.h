// Folders of cards: from files to a set of live cards.
//
// The functions share nothing; any thread may call one, and a NativeCompiler may serve several at
// once as far as compiler/native.h says. Results are plain values. Diagnostics name a file by its
// place in the files that were read or given with them.
#pragma once

#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/guarantee.h"
#include "compiler/native.h"
#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "runtime/card_set.h"

namespace toll::runtime {

/// Whether this is one of a folder's cards: a file, or a link to one, called *.toll. Hidden files
/// are none: editors keep locks and copies in them.
bool is_card_file(const std::filesystem::directory_entry& entry);

/// The names of links in a folder that are called like cards and lead to nothing: read_folder
/// passes them over, and their cards are missing.
std::vector<std::string> links_to_nothing(const std::filesystem::path& folder);

/// The card files of a folder, sorted by name, not of folders below it, and behind them the table
/// files that they name. Paths are `shown_as`/NAME. A file above the size that is accepted is read
/// no further than is needed to refuse it. An Error names the folder or the card file that cannot
/// be read; a table file that is missing is left out, and one that cannot be read says why.
Result<std::vector<dsl::SourceFile>> read_folder(const std::filesystem::path& folder,
                                                 const std::string& shown_as);

/// What one offer of a card became, up to and without native code.
struct CheckedCard {
  dsl::RateCard card;
  compiler::RatingProgram program;
  std::vector<compiler::GuaranteeVerdict> guarantees;  ///< empty: tested before, see `tested`
};

struct CheckedFolder {
  std::vector<CheckedCard> cards;    ///< without errors, guarantees hold; the offers of
                                     ///< a version follow one another, all or none
  std::vector<CheckedCard> refuted;  ///< without errors, but a guarantee fails in one of the
                                     ///< offers of their version
  std::vector<dsl::Diagnostic> diagnostics;  ///< by file and line; refuted guarantees included;
                                             ///< index into the files that were checked
  std::vector<dsl::HeldBack> held_back;      ///< the versions that are not in `cards`
};

/// Which offer of its version a card is: "in plan `pro`, in EUR"; empty where there is only one.
std::string offer_text(const dsl::RateCard& card);

/// Checks, lowers and tests guarantees. A card whose hash `tested` has already is not tested again.
CheckedFolder check_folder(std::span<const dsl::SourceFile> files, const CardSet& tested = {});

/// Native code for a program, never null, compared with the interpreter on random usage before it
/// is returned. An Error means that the card must not be rated natively. REQUIRES: `program` is
/// lowered from `card`.
Result<std::shared_ptr<const compiler::NativeFunction>> compile_verified(
    const compiler::NativeCompiler& compiler, const dsl::RateCard& card,
    const compiler::RatingProgram& program, compiler::Optimise optimise);

struct Loaded {
  std::shared_ptr<const CardSet> cards;      ///< never null
  std::vector<dsl::SourceFile> files;        ///< as read, for rendering
  std::vector<dsl::Diagnostic> diagnostics;  ///< index into `files`
  std::vector<std::string> failures;  ///< native code that could not be made; the card stays out
  std::vector<std::string> kept;      ///< cards whose file is in error and that go on as before
};

/// How native code is made for cards that come new into a set.
struct MakeNative {
  compiler::Optimise optimise = compiler::Optimise::No;
  /// Of so many at most; the others answer by the interpreter until with_native().
  size_t at_once_max = std::numeric_limits<size_t>::max();
};

/// Reads a folder into a new set. Revisions that `previous` has already keep their native code, and
/// their guarantees are not tested again. A card whose file is now in error stays as it was in
/// `previous`; without one it is absent. An Error when the folder or one of its files cannot be
/// read.
Result<Loaded> load_folder(const std::filesystem::path& folder,
                           const compiler::NativeCompiler& compiler, MakeNative make,
                           const CardSet& previous);

/// Native code that was made for a revision after it went live.
struct MadeNative {
  std::shared_ptr<const Revision> revision;
  std::shared_ptr<const compiler::NativeFunction> native;
};

/// The same cards, never null: those that are still in the set, by their hash, with this code.
std::shared_ptr<const CardSet> with_native(const CardSet& cards, std::span<const MadeNative> made);

}  // namespace toll::runtime
