// Folders of cards: from files to a set of live cards.
#pragma once

#include <filesystem>
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

/// The *.toll files of a folder, sorted by name, not of folders below it. Paths are
/// `shown_as`/NAME. A file above the size that dsl::parse accepts is read no further than is needed
/// to refuse it.
Result<std::vector<dsl::SourceFile>> read_folder(const std::filesystem::path& folder,
                                                 const std::string& shown_as);

/// What one card became, up to and without native code.
struct CheckedCard {
  dsl::RateCard card;
  compiler::RatingProgram program;
  std::vector<compiler::GuaranteeVerdict> guarantees;
};

struct CheckedFolder {
  std::vector<CheckedCard> cards;            ///< without errors, guarantees hold
  std::vector<dsl::Diagnostic> diagnostics;  ///< by file and line; refuted guarantees included
};

/// Checks, lowers and tests guarantees.
CheckedFolder check_folder(std::span<const dsl::SourceFile> files);

/// Native code for a program, compared with the interpreter on random usage before it is returned.
/// An Error means that the card must not be rated natively.
Result<std::shared_ptr<const compiler::NativeFunction>> compile_verified(
    const compiler::NativeCompiler& compiler, const dsl::RateCard& card,
    const compiler::RatingProgram& program, compiler::Optimise optimise);

struct Loaded {
  std::shared_ptr<const CardSet> cards;
  std::vector<dsl::SourceFile> files;  ///< as read, for rendering
  std::vector<dsl::Diagnostic> diagnostics;
  std::vector<std::string> failures;  ///< native code that could not be made; the card stays out
  std::vector<std::string> kept;      ///< cards whose file is in error and that go on as before
};

/// Reads a folder into a new set. Native code of revisions that `previous` has already is reused. A
/// card whose file is now in error stays as it was in `previous`; without one it is absent.
Result<Loaded> load_folder(const std::filesystem::path& folder,
                           const compiler::NativeCompiler& compiler, compiler::Optimise optimise,
                           const CardSet& previous);

/// The same cards, each with optimised native code; a card for which it cannot be made keeps what
/// it has, and `failures` says why. O0 code is there in milliseconds, so that a saved price answers
/// at once; this takes its time and is called afterwards.
std::shared_ptr<const CardSet> optimised(const CardSet& cards,
                                         const compiler::NativeCompiler& compiler,
                                         std::vector<std::string>& failures);

}  // namespace toll::runtime
