#include "engine/storage/mark.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>

namespace toll::engine {
namespace {

constexpr std::chrono::seconds kEvery{1};

Error failure(const std::filesystem::path& path) {
  return {fmt::format("`{}`: {}", path.string(), std::strerror(errno))};
}

/// A descriptor that is closed with the object.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : number_(open(path.c_str(), flags, 0644)) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }

 private:
  const int number_;
};

bool write_synced(const std::filesystem::path& path, std::string_view text) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
  return file.get() >= 0 &&
         write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         fsync(file.get()) == 0;
}

bool sync_folder(const std::filesystem::path& path) {
  const Descriptor folder(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return folder.get() >= 0 && fsync(folder.get()) == 0;
}

}  // namespace

Result<std::optional<uint64_t>> Mark::read() const {
  const Descriptor file(file_, O_RDONLY | O_CLOEXEC);
  if (file.get() < 0) {
    if (errno == ENOENT) return std::optional<uint64_t>();
    return std::unexpected(failure(file_));
  }
  std::array<char, 32> text{};
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return std::unexpected(failure(file_));
  uint64_t position = 0;
  const char* const end = text.data() + size;
  const auto [stop, fault] = std::from_chars(text.data(), end, position);
  if (fault != std::errc() || stop == end || *stop != '\n')
    return std::unexpected(Error{fmt::format("`{}` is damaged", file_.string())});
  return std::optional<uint64_t>(position);
}

Result<void> Mark::advance(uint64_t position) {
  const auto now = std::chrono::steady_clock::now();
  if (written_ != decltype(written_){} && now - written_ < kEvery) return {};
  return set(position);
}

Result<void> Mark::set(uint64_t position) {
  // Beside it and renamed over it, so that a crash leaves the old mark or the new one.
  const std::filesystem::path beside = file_.string() + ".new";
  if (!write_synced(beside, fmt::format("{}\n", position))) return std::unexpected(failure(beside));
  if (rename(beside.c_str(), file_.c_str()) != 0) return std::unexpected(failure(file_));
  if (!sync_folder(file_.parent_path())) return std::unexpected(failure(file_.parent_path()));
  written_ = std::chrono::steady_clock::now();
  return {};
}

}  // namespace toll::engine
