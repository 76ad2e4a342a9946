#include "cli/cards/card_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "dsl/table_file.h"
#include "runtime/loader.h"

namespace toll::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".toll";

/// A folder to be read, and which of its files are asked for.
struct Request {
  fs::path folder;
  std::set<std::string> wanted;  ///< empty: all
};

/// Adds the folder, if it holds card files, and those below it that do; hidden ones are passed
/// over, and links to folders are not gone below. The mistake, if a folder cannot be read.
std::optional<Error> find_folders(const fs::path& folder, bool below,
                                  std::vector<fs::path>& found) {
  bool has_card_files = false;
  std::error_code error, none;  // what cannot be looked at is no folder
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    has_card_files = has_card_files || runtime::is_card_file(*entry);
    if (!below || !entry->is_directory(none) || entry->path().filename().string().starts_with('.'))
      continue;
    if (auto mistake = find_folders(entry->path(), !entry->is_symlink(none), found)) return mistake;
  }
  if (error)
    return Error{fmt::format("cannot read folder `{}`: {}", folder.string(), error.message())};
  if (has_card_files) found.push_back(folder);
  return std::nullopt;
}

/// The folder and those below it that hold card files, by name.
Result<std::vector<fs::path>> folders_with_cards(const fs::path& top) {
  std::vector<fs::path> folders;
  if (auto mistake = find_folders(top, /*below=*/true, folders))
    return std::unexpected(*std::move(mistake));
  std::ranges::sort(folders);
  return folders;
}

/// With a card file the table files that it names are asked for.
void add_tables(const std::vector<dsl::SourceFile>& files, std::set<std::string>& wanted) {
  std::set<std::string> tables;
  for (const dsl::SourceFile& file : files)
    if (wanted.contains(fs::path(file.path).filename().string()))
      tables.merge(dsl::tables_named(file.text));
  for (const dsl::SourceFile& file : files)
    if (const std::string name = fs::path(file.path).filename().string(); tables.contains(name))
      wanted.insert(name);
}

class Requests {
 public:
  /// The mistake, if there is one.
  std::optional<Error> add(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::is_directory(status)) return add_folders(path);
    if (!fs::exists(status)) return Error{fmt::format("there is no file or folder `{}`", path)};
    const fs::path file(path);
    if (file.extension() != kExtension)
      return Error{fmt::format("`{}` is no card file: their names end in {}", path, kExtension)};
    add_file(file.has_parent_path() ? file.parent_path() : fs::path("."), file.filename().string());
    return std::nullopt;
  }

  std::vector<Request> take() { return std::move(requests_); }

 private:
  std::optional<Error> add_folders(const std::string& path) {
    // Without a slash at the end, which would count as one more folder.
    const fs::path given(path);
    const fs::path top = given.has_filename() ? given : given.parent_path();
    const auto folders = folders_with_cards(top);
    if (!folders) return folders.error();
    if (folders->empty())
      return Error{fmt::format("there are no {} files in `{}` or below it", kExtension, path)};
    for (const fs::path& folder : *folders) {
      if (Request* const known = find(folder))
        known->wanted.clear();
      else
        requests_.push_back({folder, {}});
    }
    return std::nullopt;
  }

  void add_file(const fs::path& folder, std::string name) {
    Request* const known = find(folder);
    if (!known)
      requests_.push_back({folder, {std::move(name)}});
    else if (!known->wanted.empty())
      known->wanted.insert(std::move(name));
  }

  Request* find(const fs::path& folder) {
    const auto found =
        std::ranges::find(requests_, folder.lexically_normal(),
                          [](const Request& known) { return known.folder.lexically_normal(); });
    return found == requests_.end() ? nullptr : &*found;
  }

  std::vector<Request> requests_;
};

}  // namespace

bool CardFiles::wants(const dsl::Diagnostic& diagnostic) const {
  return wants(fs::path(files[diagnostic.primary.place.file].path).filename().string());
}

std::vector<std::string> folders_below(const std::string& folder) {
  std::vector<std::string> below;
  const auto folders = folders_with_cards(folder);
  if (!folders) return below;
  for (const fs::path& found : *folders)
    if (found != fs::path(folder)) below.push_back(found.lexically_normal().string());
  return below;
}

Result<std::vector<CardFiles>> read_paths(const std::vector<std::string>& paths) {
  Requests requests;
  for (const std::string& path : paths)
    if (auto mistake = requests.add(path)) return std::unexpected(*std::move(mistake));
  std::vector<CardFiles> result;
  for (Request& request : requests.take()) {
    const std::string normal = request.folder.lexically_normal().string();
    const std::string shown_as = normal == "." ? "" : normal;
    auto files = runtime::read_folder(request.folder, shown_as);
    if (!files) return std::unexpected(std::move(files.error()));
    // Passed over, their cards would be missing in silence.
    for (const std::string& link : runtime::links_to_nothing(request.folder))
      if (request.wanted.empty() || request.wanted.contains(link))
        return std::unexpected(
            Error{fmt::format("`{}` is a link to nothing", (fs::path(shown_as) / link).string())});
    add_tables(*files, request.wanted);
    result.push_back({request.folder, std::move(*files), std::move(request.wanted)});
  }
  return result;
}

}  // namespace toll::cli
