// The files of a database, as a disk that fails or loses its power leaves them: stands between
// RocksDB and the machine's file system.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace toll::faults {

enum class Fault {
  Eio,        ///< the call fails
  NoSpace,    ///< the disk is full
  Short,      ///< half of the bytes are written, then the call fails
  PowerLoss,  ///< this call and all that follow do nothing
};

/// What the loss of the power leaves of bytes that were not synced.
enum class Tail {
  Some,   ///< some of them, and now and then zeros in place of the rest
  Zeros,  ///< some of them, and zeros in place of the rest: the file had grown before they came
};

/// Counts the calls that change files. Any thread.
class FaultyFiles final : public rocksdb::FileSystemWrapper {
 public:
  FaultyFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFiles"; }

  /// The call with this number (the first is 1) fails, and with `on` those after it, until heal().
  void fail_at(uint64_t call, Fault fault, bool on);
  /// The same for the n-th call of a kind, as calls() names it: which call of all that is changes
  /// with what threads do in the background.
  void fail_at(std::string kind, uint64_t nth, Fault fault, bool on);
  void heal();

  /// So far: "append log", "sync sst", ...; what each call did to a file of which kind.
  std::vector<std::string> calls() const;
  /// The call that failed first.
  std::optional<std::string> failed() const;

  /// What the power's loss leaves on the disk: of each file what was synced and some of the rest;
  /// with `forget_names`, new names only of what was there when its folder was synced last.
  /// REQUIRES: nobody uses the files.
  void drop_unsynced(std::mt19937& random, bool forget_names, Tail tail = Tail::Some);

  using Status = rocksdb::IOStatus;
  using Options = rocksdb::IOOptions;
  using Debug = rocksdb::IODebugContext;
  Status NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                         std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
  Status ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                            std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
  Status ReuseWritableFile(const std::string& path, const std::string& old,
                           const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
  Status NewDirectory(const std::string& path, const Options& options,
                      std::unique_ptr<rocksdb::FSDirectory>* folder, Debug* debug) override;
  Status RenameFile(const std::string& from, const std::string& to, const Options& options,
                    Debug* debug) override;
  Status LinkFile(const std::string& from, const std::string& to, const Options& options,
                  Debug* debug) override;
  Status DeleteFile(const std::string& path, const Options& options, Debug* debug) override;

 private:
  friend class FaultyFile;
  friend class FaultyFolder;

  /// Counts a call: how it fails, if it does.
  std::optional<Status> enter(const char* what, const std::string& path, bool* is_short = nullptr);
  void written(const std::string& path, uint64_t size);
  void synced(const std::string& path);
  void folder_synced();

  struct File {
    uint64_t size = 0, synced = 0;
    bool named = false;  ///< its folder was synced since it was made
  };
  struct Rename {
    std::string from, to;
    std::optional<std::string> before;  ///< what `to` held
  };

  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  std::optional<std::string> failed_;
  std::string fail_kind_;  // empty: any
  uint64_t fail_at_ = 0;
  uint64_t counted_ = 0;  // calls of that kind
  Fault fault_ = Fault::Eio;
  bool on_ = false, failing_ = false;
  std::map<std::string, File> files_;
  std::vector<Rename> renames_;  // since the folder was synced
};

/// The machine with such files. RocksDB sleeps for a second where writing in the background failed;
/// here for a thousandth of it.
std::unique_ptr<rocksdb::Env> environment(std::shared_ptr<FaultyFiles> files);

}  // namespace toll::faults
