#include "tests/faults/faulty_files.h"

#include <rocksdb/system_clock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace toll::faults {
namespace {

using Status = rocksdb::IOStatus;
using Options = rocksdb::IOOptions;
using Debug = rocksdb::IODebugContext;
using rocksdb::Slice;

std::string kind_of(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string name = file.filename().string();
  for (const char* start : {"MANIFEST", "CURRENT", "OPTIONS", "IDENTITY"})
    if (name.starts_with(start)) return start;
  if (name == "rocksdb") return "folder";
  return file.has_extension() ? file.extension().string().substr(1) : name;
}

Status status_of(Fault fault) {
  switch (fault) {
    case Fault::NoSpace:
      return Status::NoSpace("injected: no space");
    case Fault::Eio:
    case Fault::Short:
    case Fault::PowerLoss:
      break;
  }
  return Status::IOError("injected: input/output error");
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

namespace {

class QuickClock final : public rocksdb::SystemClockWrapper {
 public:
  QuickClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "QuickClock"; }
  void SleepForMicroseconds(int micros) override {
    SystemClockWrapper::SleepForMicroseconds(micros / 1000);
  }
};

class Environment final : public rocksdb::EnvWrapper {
 public:
  explicit Environment(std::shared_ptr<FaultyFiles> files) : EnvWrapper(rocksdb::Env::Default()) {
    file_system_ = std::move(files);
    system_clock_ = std::make_shared<QuickClock>();
  }
  const char* Name() const override { return "Environment"; }
};

}  // namespace

std::unique_ptr<rocksdb::Env> environment(std::shared_ptr<FaultyFiles> files) {
  return std::make_unique<Environment>(std::move(files));
}

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(FaultyFiles& files, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), files_(files), path_(std::move(path)) {}

  Status Append(const Slice& data, const Options& options, Debug* debug) override {
    bool is_short = false;
    if (auto fault = files_.enter("append", path_, &is_short)) {
      if (is_short) append({data.data(), data.size() / 2}, options, debug);
      return *fault;
    }
    return append(data, options, debug);
  }
  Status Append(const Slice& data, const Options& options, const rocksdb::DataVerificationInfo&,
                Debug* debug) override {
    return Append(data, options, debug);
  }
  /// Room ahead of what is written only makes tests slow.
  void PrepareWrite(size_t, size_t, const Options&, Debug*) override {}
  Status Truncate(uint64_t size, const Options& options, Debug* debug) override {
    if (auto fault = files_.enter("truncate", path_)) return *fault;
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  Status Close(const Options& options, Debug* debug) override {
    // The descriptor is given back whatever happens, as close(2) does.
    auto fault = files_.enter("close", path_);
    Status status = FSWritableFileOwnerWrapper::Close(options, debug);
    return fault ? *fault : status;
  }
  Status Sync(const Options& options, Debug* debug) override {
    if (auto fault = files_.enter("sync", path_)) return *fault;
    Status status = FSWritableFileOwnerWrapper::Sync(options, debug);
    if (status.ok()) files_.synced(path_);
    return status;
  }
  Status Fsync(const Options& options, Debug* debug) override { return Sync(options, debug); }

 private:
  Status append(const Slice& data, const Options& options, Debug* debug) {
    Status status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    files_.written(path_, data.size());
    return status;
  }

  FaultyFiles& files_;
  const std::string path_;
};

class FaultyFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyFolder(FaultyFiles& files, std::string path, std::unique_ptr<rocksdb::FSDirectory> folder)
      : FSDirectoryWrapper(std::move(folder)), files_(files), path_(std::move(path)) {}

  Status Fsync(const Options& options, Debug* debug) override {
    if (auto fault = files_.enter("sync", path_)) return *fault;
    Status status = FSDirectoryWrapper::Fsync(options, debug);
    if (status.ok()) files_.folder_synced();
    return status;
  }
  Status FsyncWithDirOptions(const Options& options, Debug* debug,
                             const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultyFiles& files_;
  const std::string path_;
};

void FaultyFiles::fail_at(uint64_t call, Fault fault, bool on) { fail_at({}, call, fault, on); }

void FaultyFiles::fail_at(std::string kind, uint64_t nth, Fault fault, bool on) {
  const std::lock_guard lock(mutex_);
  fail_kind_ = std::move(kind);
  counted_ = fail_kind_.empty() ? calls_.size() : 0;
  fail_at_ = nth;
  fault_ = fault;
  on_ = on;
}

void FaultyFiles::heal() {
  const std::lock_guard lock(mutex_);
  fail_at_ = 0;
  failing_ = false;
}

std::vector<std::string> FaultyFiles::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::optional<std::string> FaultyFiles::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::optional<Status> FaultyFiles::enter(const char* what, const std::string& path,
                                         bool* is_short) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::string(what) + " " + kind_of(path));
  const bool counts = fail_kind_.empty() || calls_.back() == fail_kind_;
  const bool first = counts && ++counted_ == fail_at_;
  if (first) failed_ = calls_.back();
  if (first && (on_ || fault_ == Fault::PowerLoss)) failing_ = true;
  if (!first && !failing_) return std::nullopt;
  if (is_short) *is_short = fault_ == Fault::Short;
  return status_of(fault_);
}

void FaultyFiles::written(const std::string& path, uint64_t size) {
  const std::lock_guard lock(mutex_);
  files_[path].size += size;
}

void FaultyFiles::synced(const std::string& path) {
  const std::lock_guard lock(mutex_);
  files_[path].synced = files_[path].size;
}

void FaultyFiles::folder_synced() {
  const std::lock_guard lock(mutex_);
  for (auto& [path, file] : files_) file.named = true;
  renames_.clear();
}

Status FaultyFiles::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) {
  if (auto fault = enter("create", path)) return *fault;
  Status status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
  if (!status.ok()) return status;
  *file = std::make_unique<FaultyFile>(*this, path, std::move(*file));
  const std::lock_guard lock(mutex_);
  files_[path] = {};
  return status;
}

Status FaultyFiles::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       Debug* debug) {
  if (auto fault = enter("reopen", path)) return *fault;
  Status status = FileSystemWrapper::ReopenWritableFile(path, options, file, debug);
  if (status.ok()) *file = std::make_unique<FaultyFile>(*this, path, std::move(*file));
  return status;
}

Status FaultyFiles::ReuseWritableFile(const std::string&, const std::string&,
                                      const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*, Debug*) {
  return Status::NotSupported("files are not used again");
}

Status FaultyFiles::NewDirectory(const std::string& path, const Options& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder, Debug* debug) {
  Status status = FileSystemWrapper::NewDirectory(path, options, folder, debug);
  if (status.ok()) *folder = std::make_unique<FaultyFolder>(*this, path, std::move(*folder));
  return status;
}

Status FaultyFiles::RenameFile(const std::string& from, const std::string& to,
                               const Options& options, Debug* debug) {
  if (auto fault = enter("rename", to)) return *fault;
  std::optional<std::string> before;
  if (std::filesystem::exists(to)) before = contents(to);
  Status status = FileSystemWrapper::RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  renames_.push_back({from, to, std::move(before)});
  files_[to] = files_[from];
  files_.erase(from);
  return status;
}

Status FaultyFiles::LinkFile(const std::string& from, const std::string& to, const Options& options,
                             Debug* debug) {
  if (auto fault = enter("link", to)) return *fault;
  Status status = FileSystemWrapper::LinkFile(from, to, options, debug);
  const std::lock_guard lock(mutex_);
  if (!status.ok()) return status;
  files_[to] = files_[from];
  files_[to].named = false;
  return status;
}

Status FaultyFiles::DeleteFile(const std::string& path, const Options& options, Debug* debug) {
  if (auto fault = enter("delete", path)) return *fault;
  Status status = FileSystemWrapper::DeleteFile(path, options, debug);
  const std::lock_guard lock(mutex_);
  if (status.ok()) files_.erase(path);
  return status;
}

void FaultyFiles::drop_unsynced(std::mt19937& random, bool forget_names, Tail tail) {
  for (const auto& [path, file] : files_) {
    if (file.size == file.synced || !std::filesystem::exists(path)) continue;
    const uint64_t kept = std::uniform_int_distribution<uint64_t>(file.synced, file.size)(random);
    std::filesystem::resize_file(path, kept);
    const bool grew = tail == Tail::Zeros || random() % 4 == 0;
    if (grew) std::filesystem::resize_file(path, file.size);
  }
  if (forget_names) {
    for (auto rename = renames_.rbegin(); rename != renames_.rend(); ++rename) {
      std::filesystem::rename(rename->to, rename->from);
      if (rename->before) std::ofstream(rename->to, std::ios::binary) << *rename->before;
    }
    for (const Rename& rename : renames_) {
      files_[rename.from].named = false;
      files_[rename.to].named = rename.before.has_value();
    }
    for (const auto& [path, file] : files_)
      if (!file.named) std::filesystem::remove(path);
  }
  files_.clear();
  renames_.clear();
}

}  // namespace toll::faults
