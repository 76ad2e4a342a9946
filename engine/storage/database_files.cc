#include "engine/storage/database_files.h"

#include <rocksdb/file_system.h>

#include <string>
#include <utility>

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

  IOStatus DeleteFile(const std::string& path, const Options& options, Debug* debug) override {
    if (path.ends_with(".sst") && failure_->get()) return IOStatus::OK();
    return FileSystemWrapper::DeleteFile(path, options, debug);
  }

 private:
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
