#include "server/cards/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

namespace toll::server {
namespace {

namespace fs = std::filesystem;

/// Above so many files one call for the whole file system is quicker than one for each.
constexpr size_t kSyncedEachMax = 32;

std::unexpected<Error> fail(const fs::path& path) {
  return std::unexpected(Error{fmt::format("`{}`: {}", path.string(), std::strerror(errno))});
}

/// Closed with the object.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0644)
      : number_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }

 private:
  const int number_;
};

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = write(file, text.data(), text.size());
    if (done < 0 && errno != EINTR) return false;
    if (done > 0) text.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

/// A hidden name: no card is called so.
fs::path beside(const fs::path& path) {
  return path.parent_path() / ("." + path.filename().string() + ".new");
}

bool write_beside(const NewFile& file, bool sync) {
  struct stat old = {};
  const bool replaces = stat(file.path.c_str(), &old) == 0;
  const Descriptor out(beside(file.path), O_WRONLY | O_CREAT | O_TRUNC);
  if (out.get() < 0 || !write_all(out.get(), file.text)) return false;
  if (replaces && fchmod(out.get(), old.st_mode & 07777) != 0) return false;
  return !sync || fsync(out.get()) == 0;
}

bool sync_folder(const fs::path& path, bool with_all) {
  const Descriptor folder(path, O_RDONLY | O_DIRECTORY);
  return folder.get() >= 0 && (with_all ? syncfs(folder.get()) : fsync(folder.get())) == 0;
}

void remove_all_beside(std::span<const NewFile> files) {
  const int why = errno;
  for (const NewFile& file : files) unlink(beside(file.path).c_str());
  errno = why;
}

}  // namespace

Result<void> write_durably(std::span<const NewFile> files) {
  const bool each = files.size() <= kSyncedEachMax;
  std::set<fs::path> folders;
  for (const NewFile& file : files) {
    folders.insert(file.path.parent_path());
    if (write_beside(file, each)) continue;
    remove_all_beside(files);
    return fail(file.path);
  }
  for (const fs::path& folder : folders) {
    if (each || sync_folder(folder, true)) continue;
    remove_all_beside(files);
    return fail(folder);
  }
  for (const NewFile& file : files) {
    if (rename(beside(file.path).c_str(), file.path.c_str()) == 0) continue;
    remove_all_beside(files);
    return fail(file.path);
  }
  for (const fs::path& folder : folders)
    if (!sync_folder(folder, false)) return fail(folder);
  return {};
}

Result<void> append_durably(const fs::path& path, std::string_view text) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_APPEND);
  struct stat before = {};
  if (file.get() < 0 || fstat(file.get(), &before) != 0) return fail(path);
  if (write_all(file.get(), text) && fdatasync(file.get()) == 0) {
    if (before.st_size > 0 || sync_folder(path.parent_path(), false)) return {};
  }
  auto failure = fail(path);
  if (ftruncate(file.get(), before.st_size) != 0)
    failure.error().message += ", and it cannot be cut";
  return failure;
}

Result<std::string> read_whole(const fs::path& path, size_t bytes_max) {
  const Descriptor file(path, O_RDONLY);
  struct stat info = {};
  if (file.get() < 0 || fstat(file.get(), &info) != 0) return fail(path);
  if (static_cast<size_t>(info.st_size) > bytes_max)
    return std::unexpected(Error{fmt::format("`{}` is too large", path.string())});
  std::string text(static_cast<size_t>(info.st_size), '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  text.resize(size);
  return text;
}

}  // namespace toll::server
