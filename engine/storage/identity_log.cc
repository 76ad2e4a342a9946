#include "engine/storage/identity_log.h"

#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include <limits>
#include <utility>

#include "engine/storage/keys.h"

namespace toll::engine {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();
constexpr size_t kLook = 4096;  // identities, after which a run looks whether it is to end

/// Do not change this name.
constexpr const char* kInRuns = "identities_in_runs";

std::string log_key(uint64_t number) {
  std::string key;
  append_number(key, number);
  return key;
}

uint64_t number_of(const Slice& key) { return Parts({key.data(), key.size()}).number(); }

/// Up to which number rows of the log were deleted, since their identities are in runs.
std::expected<uint64_t, Status> identities_in_runs(rocksdb::DB& db) {
  std::string number;
  const Status status = db.Get({}, kInRuns, &number);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return std::unexpected(status);
  if (number.size() != sizeof(uint64_t))
    return std::unexpected(Status::Corruption("where runs of identities end is damaged"));
  return number_of(number);
}

/// Reads rows of the log into memory.
Status read_rows(const IdentityLog::Tables& tables, const rocksdb::ReadOptions& options,
                 RecentIdentities& into) {
  const std::unique_ptr<rocksdb::Iterator> rows(tables.db->NewIterator(options, tables.log));
  IdentityLogRow row;
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const Slice value = rows->value();
    if (rows->key().size() != sizeof(uint64_t) || !row.read({value.data(), value.size()}))
      return Status::Corruption("a row of the log of identities is damaged");
    into.add(number_of(rows->key()), row);
  }
  return rows->status();
}

}  // namespace

std::optional<std::string> SeenIdentities::find(std::string_view key) const {
  for (auto identities = kept.rbegin(); identities != kept.rend(); ++identities)
    if (auto found = (*identities)->find(key, until)) return found;
  return std::nullopt;
}

IdentityLog::IdentityLog(Tables tables, std::string file, size_t run_size,
                         std::shared_ptr<BackgroundFailure> failure)
    : tables_(tables),
      file_(std::move(file)),
      run_size_(run_size),
      failure_(std::move(failure)),
      recent_(std::make_shared<RecentIdentities>()) {}

IdentityLog::~IdentityLog() { stop(); }

void IdentityLog::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

Status IdentityLog::read() {
  const auto in_runs = identities_in_runs(*tables_.db);
  if (!in_runs) return in_runs.error();
  deleted_until_ = in_runs_until_ = *in_runs;
  recent_ = std::make_shared<RecentIdentities>(*in_runs);
  const Status status = read_rows(tables_, {}, *recent_);
  next_ = recent_->end();
  return status;
}

void IdentityLog::put(const IdentityLogRow& row, rocksdb::WriteBatch& batch) {
  {
    const std::lock_guard lock(mutex_);
    deletes_until_ = in_runs_until_;
  }
  if (deletes_until_ > deleted_until_) {
    batch.DeleteRange(tables_.log, log_key(deleted_until_), log_key(deletes_until_));
    batch.Put(kInRuns, log_key(deletes_until_));
  }
  if (row.empty()) return;
  const std::string_view bytes = row.bytes();
  batch.Put(tables_.log, log_key(next_), {bytes.data(), bytes.size()});
  recent_->add(next_++, row);
}

void IdentityLog::written() {
  deleted_until_ = deletes_until_;
  if (recent_->size() < run_size_) return;
  std::unique_lock lock(mutex_);
  // As much again may come meanwhile.
  if (recent_->size() >= 2 * run_size_)
    ran_.wait(lock, [this] { return full_.empty() || failure_->get(); });
  if (full_.empty()) start_run();
}

void IdentityLog::start_run() {
  full_.push_back(std::exchange(recent_, std::make_shared<RecentIdentities>(next_)));
  thread_ =
      std::jthread([this, full = full_.front()](const std::stop_token& stop) { run(full, stop); });
}

void IdentityLog::run(const std::shared_ptr<const RecentIdentities>& full,
                      const std::stop_token& stop) {
  Status status = write_run({full}, stop);
  if (status.IsAborted()) return;
  if (status.ok()) status = take_run();
  if (!status.ok()) failure_->set(error_of(status));
  const std::lock_guard lock(mutex_);
  if (status.ok()) {
    full_.clear();
    in_runs_until_ = full->end();
  }
  ran_.notify_all();
}

Status IdentityLog::write_run(const RecentIdentities::Kept& full,
                              const std::stop_token& stop) const {
  const SortedIdentities sorted(full, kAll);
  const rocksdb::Options options = tables_.db->GetOptions(tables_.identities);
  // A file that is left of another run may be one of the database's by another name: it is removed,
  // not written over.
  if (options.env->FileExists(file_).ok())
    if (Status status = options.env->DeleteFile(file_); !status.ok()) return status;
  rocksdb::SstFileWriter file(rocksdb::EnvOptions(options), options, tables_.identities);
  if (Status status = file.Open(file_); !status.ok()) return status;
  size_t count = 0;
  for (const SortedIdentities::Identity& one : sorted.all()) {
    if (++count % kLook == 0 && stop.stop_requested()) return Status::Aborted();
    const Status status =
        file.Put({one.key.data(), one.key.size()}, {one.value.data(), one.value.size()});
    if (!status.ok()) return status;
  }
  return file.Finish();
}

Status IdentityLog::take_run() {
  const auto set_taking = [this](bool takes) {
    const std::lock_guard lock(mutex_);
    takes_run_ = takes;
  };
  rocksdb::IngestExternalFileOptions how;
  how.move_files = true;
  how.write_global_seqno = false;  // a file is not changed once it was synced
  set_taking(true);
  Status status = tables_.db->IngestExternalFile(tables_.identities, {file_}, how);
  if (status.ok()) set_taking(false);
  return status;
}

SeenIdentities IdentityLog::seen() const {
  const std::lock_guard lock(mutex_);
  SeenIdentities seen{full_, kAll};
  seen.kept.push_back(recent_);
  return seen;
}

IdentityLog::Moment IdentityLog::moment() const {
  const std::lock_guard lock(mutex_);
  Moment moment{tables_.db->GetSnapshot(), full_};
  moment.kept.push_back(recent_);
  return moment;
}

std::optional<uint64_t> IdentityLog::position() const {
  const uint64_t position = tables_.db->GetLatestSequenceNumber();
  // Asked only now: a run that is taken meanwhile is not counted, one that was is durable.
  const std::lock_guard lock(mutex_);
  return takes_run_ ? std::nullopt : std::optional(position);
}

std::expected<SeenIdentities, Status> read_identity_log(const IdentityLog::Tables& tables,
                                                        const rocksdb::ReadOptions& options) {
  SeenIdentities seen{.until = kAll};
  if (!tables.log) return seen;
  const auto all = std::make_shared<RecentIdentities>();
  if (Status status = read_rows(tables, options, *all); !status.ok())
    return std::unexpected(std::move(status));
  seen.kept.push_back(all);
  return seen;
}

std::expected<SeenIdentities, Status> seen_identities(const IdentityLog::Tables& tables,
                                                      const IdentityLog::Moment& moment) {
  rocksdb::ReadOptions options;
  options.snapshot = moment.snapshot;
  // What was deleted before need not be passed over.
  const std::string first = log_key(moment.kept.front()->begin());
  const Slice from(first);
  options.iterate_lower_bound = &from;
  const std::unique_ptr<rocksdb::Iterator> rows(tables.db->NewIterator(options, tables.log));
  rows->SeekToLast();
  if (!rows->status().ok()) return std::unexpected(rows->status());
  return SeenIdentities{moment.kept, rows->Valid() ? number_of(rows->key()) + 1 : 0};
}

}  // namespace toll::engine
