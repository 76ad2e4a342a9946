#include "cli/diff/side.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include "cli/cards/card_files.h"
#include "cli/diff/run_program.h"
#include "dsl/table_file.h"

namespace toll::cli {
namespace {

namespace fs = std::filesystem;

/// The folder that a path means: itself, or that of a file.
fs::path folder_of(const fs::path& path) {
  if (fs::is_directory(path)) return path;
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Result<std::string> git(const fs::path& folder, std::vector<std::string> arguments,
                        std::string_view input = {}) {
  arguments.insert(arguments.begin(), {"git", "-C", folder.string()});
  return run_program(arguments, input);
}

/// A file that a revision has.
struct Listed {
  std::string object;  ///< the name of its contents
  fs::path path;       ///< below the folder
};

/// Card files and table files of a listing: `MODE TYPE OBJECT\tPATH`, each ended by a zero byte.
std::vector<Listed> listed_files(std::string_view listing) {
  std::vector<Listed> files;
  while (!listing.empty()) {
    const size_t end = std::min(listing.find('\0'), listing.size());
    const std::string_view entry = listing.substr(0, end);
    listing.remove_prefix(std::min(end + 1, listing.size()));
    const size_t tab = entry.find('\t');
    const size_t blank = tab == entry.npos ? tab : entry.rfind(' ', tab);
    if (blank == entry.npos || !entry.starts_with("100")) continue;  // links and submodules
    const fs::path path(entry.substr(tab + 1));
    bool hidden = false;
    for (const fs::path& part : path) hidden = hidden || part.string().starts_with('.');
    if (!hidden && (path.extension() == ".toll" || dsl::is_table_file(path.native())))
      files.push_back({std::string(entry.substr(blank + 1, tab - blank - 1)), path});
  }
  return files;
}

/// Takes the next object off the output of `git cat-file --batch`: `OBJECT TYPE SIZE\nBYTES\n`.
std::optional<std::string> next_object(std::string_view& output) {
  const size_t head_end = output.find('\n');
  if (head_end == output.npos) return std::nullopt;
  const std::string_view head = output.substr(0, head_end);
  const std::string_view digits = head.substr(head.rfind(' ') + 1);
  size_t size = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (read.ec != std::errc() || head_end + 1 + size > output.size()) return std::nullopt;
  std::string text(output.substr(head_end + 1, size));
  output.remove_prefix(std::min(head_end + 2 + size, output.size()));
  return text;
}

/// The folder of a file as it stands in a Side.
std::string folder_in_side(const Listed& file) {
  const std::string parent = file.path.parent_path().string();
  return parent.empty() ? "." : parent;
}

/// Adds files of a git revision with their contents; the mistake, if there is one.
std::optional<Error> add_files(const std::string& revision, const fs::path& folder,
                               const std::vector<Listed>& files, Side& side) {
  if (files.empty()) return std::nullopt;
  std::string objects;
  for (const Listed& file : files) objects += file.object + "\n";
  const auto contents = git(folder, {"cat-file", "--batch"}, objects);
  if (!contents) return contents.error();
  std::string_view rest = *contents;
  for (const Listed& file : files) {
    auto text = next_object(rest);
    if (!text) return Error{fmt::format("git has no contents for `{}`", file.path.string())};
    side[folder_in_side(file)].files.push_back(
        {fmt::format("{}:{}", revision, file.path.string()), *std::move(text)});
  }
  return std::nullopt;
}

/// Whether a card of its folder names the table file.
bool is_named(const Listed& table, const Side& side) {
  const auto folder = side.find(folder_in_side(table));
  const std::string name = table.path.filename().string();
  return folder != side.end() &&
         std::ranges::any_of(folder->second.files, [&](const dsl::SourceFile& file) {
           return dsl::tables_named(file.text).contains(name);
         });
}

}  // namespace

Result<Side> read_side(const std::string& path) {
  auto folders = read_paths({path});
  if (!folders) return std::unexpected(std::move(folders.error()));
  const fs::path top = folder_of(path).lexically_normal();
  Side side;
  for (CardFiles& folder : *folders)
    side[folder.folder.lexically_normal().lexically_proximate(top).string()] = {
        std::move(folder.files), std::move(folder.wanted)};
  return side;
}

Result<Side> read_side_at(const std::string& revision, const std::string& path) {
  if (revision.empty() || revision.starts_with('-'))
    return std::unexpected(Error{fmt::format("`{}` is no git revision", revision)});
  const fs::path folder = folder_of(path);
  const auto listing = git(folder, {"ls-tree", "-r", "-z", revision, "./"});
  if (!listing) return std::unexpected(listing.error());
  std::vector<Listed> cards = listed_files(*listing);
  const auto tables = std::ranges::stable_partition(
      cards, [](const Listed& file) { return !dsl::is_table_file(file.path.native()); });
  std::vector<Listed> named(tables.begin(), tables.end());
  cards.erase(tables.begin(), tables.end());
  Side side;
  if (auto mistake = add_files(revision, folder, cards, side)) return std::unexpected(*mistake);
  std::erase_if(named, [&](const Listed& file) { return !is_named(file, side); });
  if (auto mistake = add_files(revision, folder, named, side)) return std::unexpected(*mistake);
  if (!fs::is_directory(path)) {
    // A file stands in the folder itself.
    std::erase_if(side, [](const auto& each) { return each.first != "."; });
    side["."].wanted = {fs::path(path).filename().string()};
  }
  return side;
}

}  // namespace toll::cli
