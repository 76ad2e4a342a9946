#include "server/keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <utility>

#include "base/sha256.h"
#include "server/keys/key_text.h"
#include "server/keys/token.h"

namespace toll::server {
namespace {

constexpr size_t kKeysBytesMax = size_t{16} << 20;

/// What went wrong with a file, by errno.
std::unexpected<Error> failed(std::string_view what, const std::string& path) {
  return std::unexpected(Error{fmt::format("cannot {} `{}`: {}", what, path, strerror(errno))});
}

class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~OpenFile() { close(); }
  int get() const { return descriptor_; }
  bool close() {
    const int descriptor = std::exchange(descriptor_, -1);
    return descriptor < 0 || ::close(descriptor) == 0;
  }

 private:
  int descriptor_;
};

/// What others than the owner may not do with a file of keys is to write it.
std::optional<Error> fault_of_mode(const std::string& path, const struct stat& file) {
  if (!S_ISREG(file.st_mode)) return Error{fmt::format("`{}` is no file", path)};
  if (file.st_mode & (S_IWGRP | S_IWOTH))
    return Error{fmt::format(
        "others than its owner may write `{}`, and so let anybody in: `chmod go-w` it", path)};
  return std::nullopt;
}

Result<std::string> read_all(const OpenFile& file, const std::string& path) {
  std::string text;
  std::array<char, 65536> block;
  while (true) {
    const ssize_t bytes = ::read(file.get(), block.data(), block.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return failed("read", path);
    if (bytes == 0) return text;
    text.append(block.data(), static_cast<size_t>(bytes));
    if (text.size() > kKeysBytesMax)
      return std::unexpected(Error{fmt::format("`{}` is too large for a file of keys", path)});
  }
}

Result<std::vector<ApiKey>> parse(const std::string& path, std::string_view text) {
  std::vector<ApiKey> keys;
  std::set<std::string> ids;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    auto key = key_of_line(line);
    if (key && !ids.insert(key->id).second) key = std::unexpected(Error{"the id stands twice"});
    if (!key)
      return std::unexpected(Error{fmt::format("{}:{}: {}", path, number, key.error().message)});
    keys.push_back(*std::move(key));
  }
  return keys;
}

Result<std::vector<ApiKey>> read_keys_of(const OpenFile& file, const std::string& path) {
  struct stat about{};
  if (fstat(file.get(), &about) != 0) return failed("read", path);
  if (auto fault = fault_of_mode(path, about)) return std::unexpected(*std::move(fault));
  const auto text = read_all(file, path);
  if (!text) return std::unexpected(text.error());
  return parse(path, *text);
}

/// The file, locked against others that would change it. Whoever had the lock before put another
/// file in its place.
Result<OpenFile> open_locked(const std::string& path) {
  while (true) {
    OpenFile file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.get() < 0) return failed("open", path);
    if (flock(file.get(), LOCK_EX) != 0) return failed("lock", path);
    struct stat mine{}, there{};
    if (fstat(file.get(), &mine) != 0) return failed("open", path);
    if (stat(path.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
        mine.st_dev == there.st_dev)
      return file;
  }
}

std::optional<Error> write_all(const std::string& path, std::string_view text) {
  OpenFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) return failed("write", path).error();
  while (!text.empty()) {
    const ssize_t bytes = ::write(file.get(), text.data(), text.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return failed("write", path).error();
    text.remove_prefix(static_cast<size_t>(bytes));
  }
  if (fsync(file.get()) != 0 || !file.close()) return failed("write", path).error();
  return std::nullopt;
}

/// Puts the keys in the place of the file's, so that a reader sees the old ones or the new.
std::optional<Error> replace(const std::string& path, const OpenFile& locked,
                             const std::vector<ApiKey>& keys) {
  struct stat about{};
  if (fstat(locked.get(), &about) != 0) return failed("read", path).error();
  std::string text;
  for (const ApiKey& key : keys) text += to_line(key);
  const std::string beside = path + ".new";
  if (auto fault = write_all(beside, text)) return fault;
  // A service that runs as another user goes on reading it.
  if (chmod(beside.c_str(), about.st_mode & 07777) != 0 ||
      (chown(beside.c_str(), about.st_uid, about.st_gid) != 0 && geteuid() == 0) ||
      std::rename(beside.c_str(), path.c_str()) != 0) {
    Error fault = failed("write", path).error();
    ::unlink(beside.c_str());
    return fault;
  }
  return std::nullopt;
}

/// A token whose id no key has.
Result<std::string> new_token(const std::vector<ApiKey>& keys) {
  while (true) {
    auto token = make_token();
    if (!token || std::ranges::find(keys, *id_of_token(*token), &ApiKey::id) == keys.end())
      return token;
  }
}

}  // namespace

std::string tenant_fault(std::string_view text) {
  constexpr size_t kBytesMax = 64;
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty()) return "is empty";
  if (text.size() > kBytesMax) return fmt::format("is longer than {} bytes", kBytesMax);
  if (!is_word(text.front())) return "does not begin with a small letter or a digit";
  if (!std::ranges::all_of(text, [&](char c) { return is_word(c) || c == '-' || c == '_'; }))
    return "has other characters than small letters, digits, `-` and `_`";
  return {};
}

Result<std::vector<ApiKey>> read_keys(const std::string& path) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return failed("read", path);
  return read_keys_of(file, path);
}

Result<NewKey> create_key(const std::string& path, const KeyWish& wish, Instant now) {
  const auto file = open_locked(path);
  if (!file) return std::unexpected(file.error());
  auto keys = read_keys_of(*file, path);
  if (!keys) return std::unexpected(keys.error());
  auto token = new_token(*keys);
  if (!token) return std::unexpected(token.error());
  ApiKey key{.id = std::string(*id_of_token(*token)),
             .name = wish.name,
             .hash = sha256(*token),
             .scopes = wish.scopes,
             .customer = wish.customer,
             .limit = wish.limit,
             .created = now,
             .expires = wish.expires,
             .revoked = {},
             .tenant = wish.tenant};
  keys->push_back(key);
  if (auto fault = replace(path, *file, *keys)) return std::unexpected(*std::move(fault));
  return NewKey{std::move(key), *std::move(token)};
}

Result<ApiKey> revoke_key(const std::string& path, std::string_view id, Instant now) {
  // A file that is not there is not made.
  if (access(path.c_str(), F_OK) != 0) return failed("read", path);
  const auto file = open_locked(path);
  if (!file) return std::unexpected(file.error());
  auto keys = read_keys_of(*file, path);
  if (!keys) return std::unexpected(keys.error());
  const auto key = std::ranges::find(*keys, id, &ApiKey::id);
  if (key == keys->end())
    return std::unexpected(
        Error{fmt::format("`{}` has no key with this id: see `toll keys list`", path)});
  if (key->revoked) return *key;
  key->revoked = now;
  ApiKey revoked = *key;
  if (auto fault = replace(path, *file, *keys)) return std::unexpected(*std::move(fault));
  return revoked;
}

}  // namespace toll::server
