#include "server/cards/folder_status.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;
using runtime::Revision;

using VersionName = std::pair<std::string_view, Date>;

VersionName key_of(const LiveVersion& version) {
  return {version.revision->card().name, version.revision->card().from};
}

const LiveVersion* find_version(const FolderStatus& status, const dsl::RateCard& card) {
  const auto found =
      std::ranges::lower_bound(status.versions, VersionName(card.name, card.from), {}, key_of);
  const bool is_it = found != status.versions.end() && key_of(*found).first == card.name &&
                     key_of(*found).second == card.from;
  return is_it ? &*found : nullptr;
}

/// The text of the revision's own file, as it was when the revision was live before.
std::string kept_text(const Revision& revision, const RevisionStore* store) {
  const auto files =
      store ? store->texts(runtime::id_of(revision)) : Result<std::vector<dsl::SourceFile>>();
  const dsl::SourceFile* file = files ? find_file(*files, revision.card().source.file) : nullptr;
  return file ? file->text : std::string();
}

/// What is said about `revision` after a load, given what was said before it.
LiveVersion next_version(const std::shared_ptr<const Revision>& revision,
                         const FolderStatus& before, const FolderStatus& now, bool kept,
                         const RevisionStore* store) {
  const LiveVersion* const previous = find_version(before, revision->card());
  const bool same = previous && previous->revision->card().hash == revision->card().hash;
  LiveVersion version{revision, {}, now.loaded_at, kept};
  const auto since = store ? store->live_since(runtime::id_of(*revision)) : std::nullopt;
  if (since) version.active_since = *since;
  if (same) version.active_since = previous->active_since;
  if (kept)
    version.text = same ? previous->text : kept_text(*revision, store);
  else if (const dsl::SourceFile* file = find_file(now.files, revision->card().source.file))
    version.text = file->text;
  return version;
}

}  // namespace

const dsl::SourceFile* find_file(const std::vector<dsl::SourceFile>& files,
                                 std::string_view base_name) {
  const auto found = std::ranges::find(files, base_name, &dsl::SourceFile::path);
  return found == files.end() ? nullptr : &*found;
}

std::shared_ptr<const FolderStatus> next_status(const runtime::Loaded& loaded,
                                                const FolderStatus& before,
                                                const RevisionStore* store) {
  auto now = std::make_shared<FolderStatus>();
  now->loaded_at = toll::now();
  now->cards = loaded.cards;
  now->files = loaded.files;
  for (dsl::SourceFile& file : now->files) file.path = fs::path(file.path).filename().string();
  now->diagnostics = loaded.diagnostics;
  now->failures = loaded.failures;
  std::ranges::copy(loaded.failed_examples, std::back_inserter(now->failures));
  const std::set<std::string> kept(loaded.kept.begin(), loaded.kept.end());
  for (const auto& [name, versions] : loaded.cards->cards())
    for (const std::shared_ptr<const Revision>& revision : versions)
      now->versions.push_back(next_version(revision, before, *now,
                                           kept.contains(name + " " + revision->version()), store));
  return now;
}

}  // namespace toll::server
