// Every revision that was live, kept on disk as the texts that it was made of.
//
//   FOLDER/texts/SHA256         a file as it was: a card's, or a table's
//   FOLDER/revisions/FROM.HASH  which of them a revision was made of, by name
//   FOLDER/history              what went live and what went away, a line each, in that order
//
// Texts are named by what they hold, and a revision is made again from them only where its hash
// comes out: damage is noticed, and is never another price. Each line of the history begins with a
// checksum; one that a crash cut off at the end was never answered from, and is dropped.
#pragma once

#include <chrono>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/result.h"
#include "runtime/loader.h"
#include "runtime/restored.h"

namespace toll::server {

/// Any thread, but one at a time calls keep() and record().
class RevisionStore : public runtime::EarlierRevisions {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// Makes the folder where there is none. An Error where it cannot be read or written, or where
  /// its history is damaged.
  static Result<std::shared_ptr<RevisionStore>> open(std::filesystem::path folder);

  /// The same of a folder that is there, in which nothing is changed: keep() and record() are not
  /// to be called. A line of the history that is being written is passed over.
  static Result<std::shared_ptr<const RevisionStore>> open_to_read(std::filesystem::path folder);

  /// Copies what is kept in a folder, which a service may go on with meanwhile, into one that is
  /// not there yet, and reads every revision of the history back. Nothing where nothing is kept. An
  /// Error where something is damaged.
  static Result<void> copy(const std::filesystem::path& from, const std::filesystem::path& to);

  /// Keeps the texts of the revisions in a set that are new here. REQUIRES: the set was just made
  /// of `loaded.files`, but for what goes on as before.
  Result<void> keep(const runtime::Loaded& loaded);

  /// Writes into the history what a set has otherwise than the one before it. A version that is in
  /// error without an earlier text is not gone. REQUIRES: it was kept.
  Result<void> record(const runtime::Loaded& loaded, Time now);

  Result<runtime::CardSet::Revisions> find(std::string_view card,
                                           std::string_view hash) const override;

  /// A text of a version, from when on it was live.
  struct Entry {
    std::string hash;
    Time since;
    std::string file;  ///< base name
  };

  /// What is live by the history, by card and first day.
  std::map<std::pair<std::string, Date>, Entry> live() const;

  /// Since when a text is live; nothing where it is not the last of its version.
  std::optional<Time> live_since(const runtime::RevisionId& id) const;

  /// All texts of a version that were live, the oldest first.
  std::vector<Entry> history(const std::string& card, Date from) const;

  /// The files that a revision was made of. An Error where they are damaged or not there.
  Result<std::vector<dsl::SourceFile>> texts(const runtime::RevisionId& id) const;

  /// Its offers, made again.
  Result<runtime::CardSet::Revisions> restore(const runtime::RevisionId& id) const;

 private:
  using Version = std::pair<std::string, Date>;
  struct Past {
    std::vector<Entry> entries;  ///< the oldest first
    bool live = false;           ///< the last one
  };

  explicit RevisionStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<void> read_history(bool mends);
  Result<void> check_texts() const;
  bool take(std::string_view line);
  std::filesystem::path record_of(const runtime::RevisionId& id) const;
  bool is_kept(const runtime::RevisionId& id) const;
  std::optional<Date> first_day(std::string_view card, std::string_view hash) const;

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;  // for the history in memory
  std::map<Version, Past> past_;
  std::map<std::pair<std::string, std::string>, Date, std::less<>> by_hash_;  ///< card and hash

  /// Those that were asked for last, the latest first.
  struct Made {
    std::pair<std::string, std::string> name;  ///< card and hash
    runtime::CardSet::Revisions offers;
  };
  mutable std::mutex making_;  // one at a time, so that asking costs others little
  mutable std::list<Made> made_;
};

}  // namespace toll::server
