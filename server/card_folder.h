// A folder of card files that is kept live: loaded once, watched, and loaded again when a file in
// it changes. What is right goes live as a whole; a card whose file is in error stays as it was.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "runtime/card_set.h"
#include "runtime/cell_raters.h"

namespace toll::server {

class RevisionStore;

/// One version of a card that answers now.
struct LiveVersion {
  std::shared_ptr<const runtime::Revision> revision;
  std::string text;  ///< of its file, as it was when this revision was loaded
  std::chrono::system_clock::time_point active_since;
  bool kept = false;  ///< its file is in error now, and the last good revision goes on
};

/// What a caller may ask a file to be before it is replaced.
struct Precondition {
  enum class Kind {
    None,     ///< a file that is there is not replaced
    Any,      ///< whatever it is
    Absent,   ///< If-None-Match: *
    Present,  ///< If-Match: *
    Same,     ///< If-Match with a tag
  } kind = Kind::None;
  std::string tag = {};  ///< file_tag() of its text
};

/// Names a text of a file: its SHA-256.
std::string file_tag(std::string_view text);

/// Names what a folder holds: its files and their texts.
std::string folder_tag(const std::vector<dsl::SourceFile>& files);

/// Texts that go into the folder together.
struct FolderChange {
  struct File {
    std::string name;                 ///< base name
    std::optional<std::string> text;  ///< none: the file is removed
    Precondition expected = {};
  };
  std::vector<File> files;
  /// A version that must stand in them, and the hash that it must have.
  std::optional<std::pair<std::string, Date>> version = {};
  std::optional<std::string> hash = {};
  std::optional<std::string> folder_tag = {};  ///< what the folder must be before
};

/// What came of a change, or would come of it.
struct ChangeOutcome {
  enum class Kind {
    Accepted,
    Refused,        ///< by what is wrong in it: `diagnostics` and `failures`, or `why`
    Conflict,       ///< the folder is not as the caller believes
    Unconditional,  ///< the file is there, and the caller did not say that it knows
    Unwritable,     ///< the folder cannot be written, or what was live not be kept
  } kind = Kind::Accepted;
  std::string why = {};                           ///< a sentence
  std::vector<dsl::SourceFile> files = {};        ///< by their base names, with the change
  std::vector<dsl::Diagnostic> diagnostics = {};  ///< errors first that keep it out; warnings
  std::vector<std::string> failures = {};         ///< examples that fail, code that cannot be made
  std::vector<std::shared_ptr<const runtime::Revision>> versions = {};  ///< of the changed files
  bool created = false;  ///< no file was there before
};

/// What the last load made of the folder. Immutable.
struct FolderStatus {
  std::shared_ptr<const runtime::CardSet> cards = {};
  std::vector<LiveVersion> versions = {};   ///< by card and date
  std::vector<dsl::SourceFile> files = {};  ///< by their base names, as read last
  std::vector<dsl::Diagnostic> diagnostics = {};
  std::vector<std::string> failures = {};  ///< what went wrong beyond the texts, a sentence each
  std::chrono::system_clock::time_point loaded_at = {};
};

/// Owns the live cards of one folder. Each load is done on the watcher's thread: check, lower, test
/// guarantees, compile, compare with the interpreter, run examples, keep the texts, then one
/// exchange; requests in flight finish on the set that they took. New cards go live with code that
/// is made at once, or where they are many with the interpreter, which gives the same answers;
/// optimised code follows from a thread of its own. Says in the log what went live and what stayed
/// out, and why.
/// Thread rule: any thread. The destructor waits for a load that is running, and for the card that
/// is being compiled.
class CardFolder {
 public:
  /// Loads and watches the folder; cards answer when it returns. Cards in error are left out, even
  /// all of them. With `kept`, a folder for RevisionStore, the last good text of a card in error
  /// goes on where it was live before, and what was live is found by its hash for ever. An Error
  /// where the folder cannot be read or watched, native code not be made, or what was live before
  /// not be read.
  static Result<std::unique_ptr<CardFolder>> open(std::filesystem::path folder,
                                                  std::filesystem::path kept = {});

  CardFolder(const CardFolder&) = delete;
  CardFolder& operator=(const CardFolder&) = delete;
  ~CardFolder();

  const runtime::LiveCards& cards() const;
  std::shared_ptr<const FolderStatus> status() const;

  /// What rates single cells, for the costs of events. Outlived by this.
  runtime::CellRaters& cell_raters() const;

  /// What was live, or null where that is not kept.
  const RevisionStore* store() const;

  /// What would come of a change. Nothing changes, and preconditions are not asked for.
  ChangeOutcome check(const FolderChange& change) const;

  /// Writes the files and makes them live, or changes nothing: refused where a version in them is
  /// not live afterwards, or another version is in error that was not. A folder whose files are
  /// links is written by whoever made them.
  ChangeOutcome change(const FolderChange& change);

 private:
  struct Impl;
  explicit CardFolder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::server
