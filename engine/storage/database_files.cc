#include "engine/storage/database_files.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/storage/torn_end.h"

namespace toll::engine {
namespace {

using rocksdb::IOStatus;
using Options = rocksdb::IOOptions;
using Debug = rocksdb::IODebugContext;

/// A file that there is not. Nothing that was written to it is ever acknowledged.
class NoFile final : public rocksdb::FSWritableFile {
 public:
  explicit NoFile(IOStatus why) : why_(std::move(why)) {}

  IOStatus Append(const rocksdb::Slice&, const Options&, Debug*) override { return why_; }
  IOStatus Append(const rocksdb::Slice&, const Options&, const rocksdb::DataVerificationInfo&,
                  Debug*) override {
    return why_;
  }
  IOStatus Close(const Options&, Debug*) override { return IOStatus::OK(); }
  IOStatus Flush(const Options&, Debug*) override { return IOStatus::OK(); }
  IOStatus Sync(const Options&, Debug*) override { return why_; }
  uint64_t GetFileSize(const Options&, Debug*) override { return 0; }

 private:
  const IOStatus why_;
};

/// A file up to some byte.
class FirstBytes final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FirstBytes(std::unique_ptr<rocksdb::FSSequentialFile> file, uint64_t size)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(size) {}

  IOStatus Read(size_t size, const Options& options, rocksdb::Slice* bytes, char* scratch,
                Debug* debug) override {
    size = static_cast<size_t>(std::min<uint64_t>(size, left_));
    IOStatus status = FSSequentialFileOwnerWrapper::Read(size, options, bytes, scratch, debug);
    if (status.ok()) left_ -= bytes->size();
    return status;
  }
  IOStatus Skip(uint64_t size) override {
    size = std::min(size, left_);
    left_ -= size;
    return FSSequentialFileOwnerWrapper::Skip(size);
  }

 private:
  uint64_t left_;
};

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_file_list(std::string_view path) { return name_of(path).starts_with("MANIFEST-"); }

/// The number of a write-ahead log; nothing for any other file.
std::optional<uint64_t> log_number(std::string_view path) {
  const std::string_view name = name_of(path);
  uint64_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, fault] = std::from_chars(name.data(), end, number);
  if (fault != std::errc() || std::string_view(stop, end) != ".log") return std::nullopt;
  return number;
}

/// So many bytes, or fewer where they cannot be read.
std::string read_from(const rocksdb::FSRandomAccessFile& file, uint64_t offset, size_t count) {
  std::string scratch(count, '\0');
  rocksdb::Slice bytes;
  if (!file.Read(offset, count, {}, &bytes, scratch.data(), nullptr).ok()) return {};
  return bytes.ToString();
}

/// Whether the block of a table's properties says that it has an index by hashes, which it never
/// has. It stands before the block whose place the table's last bytes tell.
bool has_damaged_properties(const rocksdb::FSRandomAccessFile& file, uint64_t size) {
  constexpr size_t kLastBytes = 53;
  constexpr std::string_view kTable = "\xf7\xcf\xf4\x85\xb7\x41\xe2\x88";  // in blocks
  constexpr size_t kChecksumBytes = 5;  // behind each block, its compression among them
  const std::string last = size < kLastBytes ? "" : read_from(file, size - kLastBytes, kLastBytes);
  if (!last.ends_with(kTable)) return false;
  uint64_t next = 0;
  for (size_t i = 1; i < 10; ++i) {  // seven bits each, the last one without the eighth
    next |= uint64_t{static_cast<uint8_t>(last[i] & 0x7f)} << 7 * (i - 1);
    if ((last[i] & 0x80) == 0) break;
  }
  if (next <= kChecksumBytes || next > size) return false;
  const std::string end = read_from(file, next - kChecksumBytes - 1, 1);
  return !end.empty() && (end[0] & 0x80) != 0;
}

class DatabaseFiles final : public rocksdb::FileSystemWrapper {
 public:
  DatabaseFiles(const std::shared_ptr<rocksdb::FileSystem>& files,
                std::shared_ptr<const BackgroundFailure> failure)
      : FileSystemWrapper(files), failure_(std::move(failure)) {}
  const char* Name() const override { return "DatabaseFiles"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override {
    IOStatus status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (status.ok() || !path.ends_with(".log")) return status;
    *file = std::make_unique<NoFile>(std::move(status));
    return IOStatus::OK();
  }

  IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             Debug* debug) override {
    IOStatus status = FileSystemWrapper::NewSequentialFile(path, options, file, debug);
    if (!status.ok() || !(is_file_list(path) || is_last_log(path))) return status;
    if (const auto whole = whole_bytes(path))
      *file = std::make_unique<FirstBytes>(std::move(*file), *whole);
    return status;
  }

  IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               Debug* debug) override {
    IOStatus status = FileSystemWrapper::NewRandomAccessFile(path, options, file, debug);
    uint64_t size = 0;
    if (!status.ok() || !path.ends_with(".sst") || !GetFileSize(path, {}, &size, debug).ok())
      return status;
    if (!has_damaged_properties(**file, size)) return status;
    file->reset();
    return IOStatus::Corruption("the properties are damaged in file", path);
  }

  IOStatus DeleteFile(const std::string& path, const Options& options, Debug* debug) override {
    if (path.ends_with(".sst") && failure_->get()) return IOStatus::OK();
    return FileSystemWrapper::DeleteFile(path, options, debug);
  }

 private:
  /// Whether it is a write-ahead log and no later one has anything in it: every log is synced to
  /// its end before another is written to, so only this one can have been lost in part.
  bool is_last_log(const std::string& path) {
    const auto number = log_number(path);
    if (!number) return false;
    const std::string folder = path.substr(0, path.rfind('/'));
    std::vector<std::string> names;
    if (!GetChildren(folder, {}, &names, nullptr).ok()) return false;
    return std::ranges::none_of(names, [&](const std::string& name) {
      uint64_t size = 0;
      return log_number(name) > number &&
             !(GetFileSize(folder + '/' + name, {}, &size, nullptr).ok() && size == 0);
    });
  }

  /// What is to be read of a log that ends in a torn record; nothing where it does not.
  std::optional<uint64_t> whole_bytes(const std::string& path) {
    uint64_t size = 0;
    std::unique_ptr<rocksdb::FSRandomAccessFile> file;
    if (!GetFileSize(path, {}, &size, nullptr).ok() ||
        !NewRandomAccessFile(path, {}, &file, nullptr).ok())
      return std::nullopt;
    return whole_before_torn_end(
        size, [&](uint64_t offset, size_t count) { return read_from(*file, offset, count); });
  }

  const std::shared_ptr<const BackgroundFailure> failure_;
};

class Environment final : public rocksdb::EnvWrapper {
 public:
  Environment(rocksdb::Env& base, std::shared_ptr<const BackgroundFailure> failure)
      : EnvWrapper(&base) {
    file_system_ = std::make_shared<DatabaseFiles>(base.GetFileSystem(), std::move(failure));
    system_clock_ = base.GetSystemClock();
  }
  const char* Name() const override { return "DatabaseFilesEnvironment"; }
};

}  // namespace

std::unique_ptr<rocksdb::Env> database_files(rocksdb::Env& base,
                                             std::shared_ptr<const BackgroundFailure> failure) {
  return std::make_unique<Environment>(base, std::move(failure));
}

}  // namespace toll::engine
