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
#include "dsl/check.h"
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

/// What a folder held when it was read the last time.
struct FilesBefore {
  std::span<const dsl::SourceFile> files = {};
};

struct FolderFiles {
  std::vector<dsl::SourceFile> files;
  std::vector<std::string> being_written;  ///< names of files that are in `files` as before, or not
};

/// The same of a folder that others change meanwhile. A file that somebody has open for writing
/// stands there as it was before, and one that was not there is left out: half a text may be a card
/// with another price. A folder that changes while it is read is read again, so that files which
/// are exchanged together, as by a link to another folder, are seen together.
Result<FolderFiles> read_settled(const std::filesystem::path& folder, const FilesBefore& before);

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
  std::vector<dsl::Checked::Contradicted> contradicted;
};

/// Which offer of its version a card is: "in plan `pro`, in EUR"; empty where there is only one.
std::string offer_text(const dsl::RateCard& card);

/// Checks, lowers and tests guarantees. A card whose hash `tested` has already is not tested again.
CheckedFolder check_folder(std::span<const dsl::SourceFile> files, const CardSet& tested = {});

/// Usages that the code of a version is compared on before it goes live, over all of its offers,
/// and the least that each offer is compared on.
inline constexpr int kUsagesOfVersion = 10'000;
inline constexpr int kUsagesOfOffer = 1'000;

/// Native code for a program, never null, compared with the interpreter on `usages` random usages
/// before it is returned. An Error means that the card must not be rated natively. REQUIRES:
/// `program` is lowered from `card`.
Result<std::shared_ptr<const compiler::NativeFunction>> compile_verified(
    const compiler::NativeCompiler& compiler, const dsl::RateCard& card,
    const compiler::RatingProgram& program, compiler::Optimise optimise,
    int usages = kUsagesOfOffer);

struct Loaded {
  std::shared_ptr<const CardSet> cards = {};      ///< never null
  std::vector<dsl::SourceFile> files = {};        ///< as read, for rendering
  std::vector<dsl::Diagnostic> diagnostics = {};  ///< index into `files`
  std::vector<std::string> failures =
      {};  ///< native code that could not be made; the card stays out
  std::vector<std::string> failed_examples = {};  ///< with them the texts that they keep out
  std::vector<std::string> kept = {};  ///< cards whose file is in error and that go on as before
  std::vector<std::string> being_written = {};  ///< files that were read as they were before

  /// Whether there is something to mend.
  bool has_errors() const {
    return !failures.empty() || !failed_examples.empty() || dsl::has_errors(diagnostics);
  }
};

/// How native code is made for cards that come new into a set.
struct MakeNative {
  compiler::Optimise optimise = compiler::Optimise::No;
  /// Of so many at most; the others answer by the interpreter until with_native().
  size_t at_once_max = std::numeric_limits<size_t>::max();
};

/// Makes a new set of texts that belong together. Revisions that `previous` has already keep their
/// native code, and neither their guarantees nor their examples are tested again, but for examples
/// in files that are not as `before`; those that fail then are reported and change nothing. A new
/// text goes live where its guarantees hold, its examples and golden invoices give what they
/// expect, and its native code agrees with the interpreter. A card whose file is now in error stays
/// as it was in `previous`; without one it is absent, and holds its days back.
Loaded load_files(std::vector<dsl::SourceFile> files, const FilesBefore& before,
                  const compiler::NativeCompiler& compiler, MakeNative make,
                  const CardSet& previous);

/// The same of a folder. An Error when the folder or one of its files cannot be read.
Result<Loaded> load_folder(const std::filesystem::path& folder,
                           const compiler::NativeCompiler& compiler, MakeNative make,
                           const CardSet& previous, const FilesBefore& before = {});

/// Native code that was made for a revision after it went live.
struct MadeNative {
  std::shared_ptr<const Revision> revision;
  std::shared_ptr<const compiler::NativeFunction> native;
};

/// The same cards, never null: those that are still in the set, by their hash, with this code.
std::shared_ptr<const CardSet> with_native(const CardSet& cards, std::span<const MadeNative> made);

}  // namespace toll::runtime
