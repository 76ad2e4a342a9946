// The files of a folder, while others may be writing them.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "dsl/parse.h"
#include "dsl/table_file.h"
#include "runtime/loader.h"

namespace toll::runtime {
namespace {

namespace fs = std::filesystem;

/// How often a folder is read again that changed while it was read. After that it is taken as it
/// is: who changes it has more to come, and the watcher will say so.
constexpr int kReadingsMax = 5;

bool is_called_like_a_card(const fs::path& path) {
  return path.extension() == ".toll" && !path.filename().string().starts_with('.');
}

/// A file that is open for reading.
class OpenFile {
 public:
  explicit OpenFile(const fs::path& path) : path_(path), number_(open(path.c_str(), kFlags)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (number_ >= 0) close(number_);
  }

  /// Whether somebody has it open for writing: the system gives no read lease then. The lease is
  /// given back at once, and a writer that comes meanwhile waits for that; the signal that says so
  /// is one that is ignored. False where the system does not tell.
  bool is_being_written() const {
    if (number_ < 0 || fcntl(number_, F_SETSIG, SIGURG) != 0) return false;
    if (fcntl(number_, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
    fcntl(number_, F_SETLEASE, F_UNLCK);
    return false;
  }

  Result<std::string> read(size_t bytes_max) const {
    if (number_ < 0) return fail();
    // One byte over the limit is enough for the checker to refuse the file.
    const size_t most = bytes_max + 1;
    constexpr size_t kPiece = 64 * 1024;
    std::string text;
    while (text.size() < most) {
      const size_t before = text.size();
      text.resize(std::min(before + kPiece, most));
      const ssize_t got = ::read(number_, text.data() + before, text.size() - before);
      text.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
      if (got < 0 && errno != EINTR) return fail();
      if (got == 0) break;
    }
    return text;
  }

 private:
  static constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;  // a pipe is not waited for

  std::unexpected<Error> fail() const {
    return std::unexpected(
        Error{fmt::format("cannot read `{}`: {}", path_.string(), std::strerror(errno))});
  }

  const fs::path path_;
  const int number_;
};

/// Whether a path, its links followed, stays in the folder.
bool stays_in(const fs::path& folder, const fs::path& path) {
  std::error_code error;
  const fs::path top = fs::canonical(folder, error);
  const fs::path target = error ? fs::path() : fs::canonical(path, error);
  return !error && std::ranges::mismatch(top, target).in1 == top.end();
}

/// One reading of a folder.
class Reading {
 public:
  Reading(const fs::path& folder, const std::string& shown_as, const FilesBefore* before)
      : folder_(folder), shown_as_(shown_as), before_(before) {}

  Result<FolderFiles> read() {
    auto names = card_names();
    if (!names) return std::unexpected(std::move(names.error()));
    std::set<std::string> tables;
    for (const std::string& name : *names) {
      auto text = read_text(name, dsl::ParseLimits{}.bytes_max);
      if (!text) return std::unexpected(std::move(text.error()));
      if (!*text) continue;
      tables.merge(dsl::tables_named(**text));
      add(name, *std::move(*text));
    }
    for (const std::string& name : tables) read_table(name);
    return std::move(files_);
  }

 private:
  Result<std::vector<std::string>> card_names() const {
    std::error_code error;
    std::vector<std::string> names;
    fs::directory_iterator entry(folder_, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error))
      if (is_card_file(*entry)) names.push_back(entry->path().filename().string());
    if (error)
      return std::unexpected(
          Error{fmt::format("cannot read folder `{}`: {}", folder_.string(), error.message())});
    std::ranges::sort(names);
    return names;
  }

  /// Of a file that somebody is writing, what it held before, or nothing.
  Result<std::optional<std::string>> read_text(const std::string& name, size_t bytes_max) {
    const OpenFile file(folder_ / name);
    if (!before_ || !file.is_being_written()) return file.read(bytes_max);
    files_.being_written.push_back(name);
    const auto is_it = [&](const dsl::SourceFile& old) {
      return fs::path(old.path).filename() == name;
    };
    const auto old = std::ranges::find_if(before_->files, is_it);
    if (old == before_->files.end()) return std::nullopt;
    return old->text;
  }

  /// A table file that a card of the folder names; nothing where there is none.
  void read_table(const std::string& name) {
    const fs::path path = folder_ / name;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status) && !fs::is_symlink(fs::symlink_status(path, error))) return;
    if (!stays_in(folder_, path))
      return add(name, {}, "it is a link that leads out of the folder, or to nothing");
    if (!fs::is_regular_file(status)) return add(name, {}, "it is no file");
    auto text = read_text(name, dsl::kTableFileBytesMax);
    if (!text) return add(name, {}, text.error().message);
    if (*text) add(name, *std::move(*text));
  }

  void add(const std::string& name, std::string text, std::string unread = {}) {
    files_.files.push_back(
        {(fs::path(shown_as_) / name).string(), std::move(text), std::move(unread)});
  }

  const fs::path& folder_;
  const std::string& shown_as_;
  const FilesBefore* const before_;
  FolderFiles files_;
};

/// What tells a file from others and from itself after a change, by its name.
using Stamp = std::tuple<dev_t, ino_t, off_t, time_t, long>;
using Stamps = std::map<std::string, Stamp>;

Stamps stamps_of(const fs::path& folder) {
  Stamps stamps;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    struct stat file = {};
    if (!is_called_like_a_card(path) && !dsl::is_table_file(path.string())) continue;
    if (stat(path.c_str(), &file) != 0) continue;
    stamps.emplace(path.filename().string(), Stamp(file.st_dev, file.st_ino, file.st_size,
                                                   file.st_mtim.tv_sec, file.st_mtim.tv_nsec));
  }
  return stamps;
}

}  // namespace

bool is_card_file(const fs::directory_entry& entry) {
  std::error_code error;  // a link to nowhere, which is no file
  return is_called_like_a_card(entry.path()) && entry.is_regular_file(error);
}

std::vector<std::string> links_to_nothing(const fs::path& folder) {
  std::vector<std::string> links;
  std::error_code error, none;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (is_called_like_a_card(entry->path()) && entry->is_symlink(none) && !entry->exists(none))
      links.push_back(entry->path().filename().string());
  std::ranges::sort(links);
  return links;
}

Result<std::vector<dsl::SourceFile>> read_folder(const fs::path& folder,
                                                 const std::string& shown_as) {
  auto read = Reading(folder, shown_as, nullptr).read();
  if (!read) return std::unexpected(std::move(read.error()));
  return std::move(read->files);
}

Result<FolderFiles> read_settled(const fs::path& folder, const FilesBefore& before) {
  const std::string shown_as = folder.string();
  Stamps stamps = stamps_of(folder);
  for (int i = 1;; ++i) {
    auto read = Reading(folder, shown_as, &before).read();
    Stamps now = stamps_of(folder);
    if (now == stamps || i == kReadingsMax) return read;
    stamps = std::move(now);
  }
}

}  // namespace toll::runtime
