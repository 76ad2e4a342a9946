#include "server/cards/changing.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <tuple>

#include "base/sha256.h"
#include "server/cards/durable_file.h"
#include "server/cards/folder_status.h"
#include "server/cards/native_maker.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;
using Kind = ChangeOutcome::Kind;

using Version = std::tuple<std::string, Date, std::string>;  // card, first day, file

std::set<Version> in_error(const runtime::CardSet& cards) {
  std::set<Version> versions;
  for (const dsl::HeldBack& held : cards.held_back())
    versions.emplace(held.card, held.from, held.file);
  return versions;
}

std::optional<ChangeOutcome> unmet(const Precondition& expected, const std::string& name,
                                   const dsl::SourceFile* now) {
  using Expect = Precondition::Kind;
  const auto conflict = [&](std::string why) {
    return ChangeOutcome{.kind = Kind::Conflict, .why = std::move(why)};
  };
  switch (expected.kind) {
    case Expect::None:
      if (!now) return std::nullopt;
      return ChangeOutcome{
          .kind = Kind::Unconditional,
          .why =
              fmt::format("`{}` is there: say with If-Match which text of it is replaced", name)};
    case Expect::Any:
      return std::nullopt;
    case Expect::Absent:
      if (!now) return std::nullopt;
      return conflict(fmt::format("`{}` is there already", name));
    case Expect::Present:
      if (now) return std::nullopt;
      return conflict(fmt::format("there is no `{}`", name));
    case Expect::Same:
      if (now && file_tag(now->text) == expected.tag) return std::nullopt;
      return conflict(now ? fmt::format("`{}` has another text by now", name)
                          : fmt::format("there is no `{}`", name));
  }
  return std::nullopt;
}

}  // namespace

std::string file_tag(std::string_view text) { return sha256_hex(text); }

std::string folder_tag(const std::vector<dsl::SourceFile>& files) {
  std::string lines;
  for (const dsl::SourceFile& file : files)
    lines += fmt::format("{} {}\n", file_tag(file.text), fs::path(file.path).filename().string());
  return sha256_hex(lines);
}

std::optional<ChangeOutcome> Changing::conflict(const fs::path& folder,
                                                const std::vector<dsl::SourceFile>& files) const {
  if (change_.folder_tag && *change_.folder_tag != folder_tag(files))
    return ChangeOutcome{.kind = Kind::Conflict, .why = "the folder holds other texts by now"};
  for (const FolderChange::File& file : change_.files) {
    const auto is_it = [&](const dsl::SourceFile& other) {
      return fs::path(other.path).filename() == file.name;
    };
    const auto now = std::ranges::find_if(files, is_it);
    if (auto outcome = unmet(file.expected, file.name, now == files.end() ? nullptr : &*now))
      return outcome;
    std::error_code error;
    if (fs::is_symlink(folder / file.name, error))
      return ChangeOutcome{
          .kind = Kind::Conflict,
          .why = fmt::format("`{}` is a link: the folder is written by another", file.name)};
  }
  return std::nullopt;
}

bool Changing::is_changed(const std::string& file) const {
  return std::ranges::find(change_.files, file, &FolderChange::File::name) != change_.files.end();
}

std::pair<ChangeOutcome, runtime::Loaded> Changing::outcome(
    std::vector<dsl::SourceFile> files, const compiler::NativeCompiler& compiler) const {
  ChangeOutcome outcome;
  const size_t count = files.size();
  const fs::path shown_as = count ? fs::path(files.front().path).parent_path() : fs::path();
  std::erase_if(files, [&](const dsl::SourceFile& file) {
    return is_changed(fs::path(file.path).filename().string());
  });
  outcome.created = files.size() == count;
  for (const FolderChange::File& file : change_.files)
    if (file.text) files.push_back({(shown_as / file.name).string(), *file.text});
  std::ranges::sort(files, {}, &dsl::SourceFile::path);
  runtime::Loaded loaded =
      runtime::load_files(std::move(files), {status_.files}, compiler, kMakeAtOnce, *status_.cards);
  outcome.files = loaded.files;
  for (dsl::SourceFile& file : outcome.files) file.path = fs::path(file.path).filename().string();
  take_versions(loaded, outcome);
  outcome.why = why_refused(loaded, outcome);
  if (!outcome.why.empty()) outcome.kind = Kind::Refused;
  return {std::move(outcome), std::move(loaded)};
}

/// The versions of the changed files, and what is said that was not said before.
void Changing::take_versions(const runtime::Loaded& loaded, ChangeOutcome& outcome) const {
  std::set<std::string> said;
  for (const dsl::Diagnostic& before : status_.diagnostics)
    said.insert(dsl::render(before, status_.files));
  for (const dsl::Diagnostic& diagnostic : loaded.diagnostics) {
    const std::string& file = outcome.files[diagnostic.primary.place.file].path;
    if (is_changed(file) || !said.contains(dsl::render(diagnostic, outcome.files)))
      outcome.diagnostics.push_back(diagnostic);
  }
  for (const auto* sentences : {&loaded.failures, &loaded.failed_examples})
    for (const std::string& sentence : *sentences)
      if (std::ranges::find(status_.failures, sentence) == status_.failures.end())
        outcome.failures.push_back(sentence);
  const std::set<std::string> kept(loaded.kept.begin(), loaded.kept.end());
  for (const auto& [name, versions] : loaded.cards->cards())
    for (const auto& revision : versions)
      if (is_changed(revision->card().source.file) &&
          !kept.contains(name + " " + revision->version()))
        outcome.versions.push_back(revision);
}

/// Empty where the change is right.
std::string Changing::why_refused(const runtime::Loaded& loaded,
                                  const ChangeOutcome& outcome) const {
  const auto is_error_of_change = [&](const dsl::Diagnostic& diagnostic) {
    return diagnostic.severity == dsl::Severity::Error &&
           is_changed(outcome.files[diagnostic.primary.place.file].path);
  };
  if (std::ranges::any_of(outcome.diagnostics, is_error_of_change)) return "the text is in error";
  const std::set<Version> before = in_error(*status_.cards);
  for (const Version& version : in_error(*loaded.cards)) {
    const auto& [card, from, file] = version;
    const std::string shown = fmt::format("`{}` of {}", card, to_string(from));
    if (is_changed(file)) return fmt::format("the version {} would not be live", shown);
    if (!before.contains(version)) return fmt::format("it would put {} in error", shown);
  }
  if (!outcome.failures.empty()) return "an example fails, or code cannot be made";
  if (!change_.version) return "";
  const auto& [card, from] = *change_.version;
  const auto found = std::ranges::find_if(outcome.versions, [&](const auto& revision) {
    return revision->card().name == card && revision->card().from == from;
  });
  if (found == outcome.versions.end())
    return fmt::format("the text holds no version of `{}` from {}", card, to_string(from));
  if (change_.hash && (*found)->card().hash != *change_.hash)
    return "what the text stands on has changed meanwhile, so it would be another revision";
  return "";
}

Result<void> Changing::write(const fs::path& folder) const {
  std::vector<NewFile> files;
  for (const FolderChange::File& file : change_.files)
    if (file.text) files.push_back({folder / file.name, *file.text});
  if (auto done = write_durably(files); !done) return done;
  for (const FolderChange::File& file : change_.files) {
    const fs::path path = folder / file.name;
    if (!file.text && unlink(path.c_str()) != 0 && errno != ENOENT)
      return std::unexpected(Error{fmt::format("`{}`: {}", path.string(), std::strerror(errno))});
  }
  return {};
}

}  // namespace toll::server
