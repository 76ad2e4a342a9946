// A folder of card files that is kept live: loaded once, watched, and loaded again when a file in
// it changes. What is right goes live as a whole; a card whose file is in error stays as it was.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "runtime/card_set.h"

namespace toll::server {

/// One version of a card that answers now.
struct LiveVersion {
  std::shared_ptr<const runtime::Revision> revision;
  std::string text;  ///< of its file, as it was when this revision was loaded
  std::chrono::system_clock::time_point active_since;
  bool kept = false;  ///< its file is in error now, and the last good revision goes on
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
/// guarantees, compile, compare with the interpreter, then one exchange; requests in flight finish
/// on the set that they took. New cards go live with code that is made at once, or where they are
/// many with the interpreter, which gives the same answers; optimised code follows from a thread of
/// its own. Says in the log what went live and what stayed out, and why.
/// Thread rule: const members from any thread. The destructor waits for a load that is running, and
/// for the card that is being compiled.
class CardFolder {
 public:
  /// Loads and watches the folder; cards answer when it returns. Cards in error are left out, even
  /// all of them. An Error where the folder cannot be read or watched, or native code not be made.
  static Result<std::unique_ptr<CardFolder>> open(std::filesystem::path folder);

  CardFolder(const CardFolder&) = delete;
  CardFolder& operator=(const CardFolder&) = delete;
  ~CardFolder();

  const runtime::LiveCards& cards() const;
  std::shared_ptr<const FolderStatus> status() const;

 private:
  struct Impl;
  explicit CardFolder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::server
