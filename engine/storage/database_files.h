// The files of a database, but for four things that RocksDB 7.8 does when a disk fails, the power
// goes, or a file is damaged.
//
// A log or a list of files (MANIFEST) that the loss of the power left half written is read up to
// its last whole record (storage/torn_end.h). The file itself stays as it is: RocksDB begins new
// ones whenever it opens a database, and who only reads a folder changes nothing in it.
//
// A log that cannot be made seems to be made, and fails when it is written to. Where several tables
// are due for another log at once and there is none to be had, RocksDB forgets who uses them, and
// an assertion ends the process when the database is closed. A log that fails to be written to is
// what it is prepared for.
//
// Once the database has failed no table's file is removed. A list of files that could not be synced
// may be there in full all the same, and name a file of identities that was just taken in: RocksDB
// removes that one at once, and the folder never opens again. What nobody names is removed when it
// does.
//
// A table whose properties say that they have an index by hashes is refused as it is opened.
// RocksDB reads properties before it looks at their checksum, and an assertion ends the process
// where that one bit of theirs is not what it was. Whatever else is damaged in them it finds by
// itself.
#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "engine/storage/background_failure.h"

namespace toll::engine {

/// `failure` is that of the database whose files they are. REQUIRES: `base` outlives it.
std::unique_ptr<rocksdb::Env> database_files(rocksdb::Env& base,
                                             std::shared_ptr<const BackgroundFailure> failure);

}  // namespace toll::engine
