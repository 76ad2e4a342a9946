#include "cli/cards/text_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "dsl/parse.h"

namespace toll::cli {
namespace {

namespace fs = std::filesystem;

/// A file beside another one, which takes its place or is gone with the object.
class Replacement {
 public:
  explicit Replacement(const fs::path& target)
      : target_(target),
        // Hidden, and no card file: a service that watches the folder passes it over.
        path_((target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string()),
        file_(mkstemp(path_.data())) {}
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement() {
    if (file_ < 0) return;
    close(file_);
    if (!moved_) unlink(path_.c_str());
  }

  /// False with errno set.
  bool take_place(std::string_view text) {
    struct stat old = {};
    if (file_ < 0 || stat(target_.c_str(), &old) != 0) return false;
    // Another's file stays theirs, or is left alone by those who cannot give it to them.
    if (old.st_uid != geteuid() && fchown(file_, old.st_uid, old.st_gid) != 0) return false;
    if (fchmod(file_, old.st_mode & 07777) != 0) return false;
    while (!text.empty()) {
      const ssize_t written = write(file_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      text.remove_prefix(static_cast<size_t>(written));
    }
    moved_ = fsync(file_) == 0 && rename(path_.c_str(), target_.c_str()) == 0;
    return moved_;
  }

 private:
  const fs::path target_;
  std::string path_;
  const int file_;
  bool moved_ = false;
};

}  // namespace

Result<std::string> read_standard_input() {
  std::string text;
  std::string block(size_t{1} << 16, '\0');
  while (const size_t bytes = std::fread(block.data(), 1, block.size(), stdin)) {
    text.append(block, 0, bytes);
    if (text.size() > dsl::ParseLimits{}.bytes_max) break;
  }
  if (std::ferror(stdin))
    return std::unexpected(
        Error{fmt::format("cannot read standard input: {}", std::strerror(errno))});
  return text;
}

std::optional<Error> replace_text(const std::string& path, std::string_view text) {
  const auto mistake = [&](const std::string& why) {
    return Error{fmt::format("cannot write `{}`: {}", path, why)};
  };
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  if (error) return mistake(error.message());
  if (access(target.c_str(), W_OK) != 0) return mistake(std::strerror(errno));
  Replacement replacement(target);
  if (!replacement.take_place(text)) return mistake(std::strerror(errno));
  return std::nullopt;
}

}  // namespace toll::cli
