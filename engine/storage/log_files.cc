#include "engine/storage/log_files.h"

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

class LogFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit LogFiles(const std::shared_ptr<rocksdb::FileSystem>& files) : FileSystemWrapper(files) {}
  const char* Name() const override { return "LogFiles"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override {
    IOStatus status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (status.ok() || !path.ends_with(".log")) return status;
    *file = std::make_unique<NoFile>(std::move(status));
    return IOStatus::OK();
  }
};

class Environment final : public rocksdb::EnvWrapper {
 public:
  explicit Environment(rocksdb::Env& base) : EnvWrapper(&base) {
    file_system_ = std::make_shared<LogFiles>(base.GetFileSystem());
    system_clock_ = base.GetSystemClock();
  }
  const char* Name() const override { return "LogFilesEnvironment"; }
};

}  // namespace

std::unique_ptr<rocksdb::Env> with_logs_that_open(rocksdb::Env& base) {
  return std::make_unique<Environment>(base);
}

}  // namespace toll::engine
