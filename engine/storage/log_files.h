// The files of a database, but for one thing: a log that cannot be made seems to be made, and fails
// when it is written to. Where several tables are due for another log at once and there is none to
// be had, RocksDB 7.8 forgets who uses them, and an assertion ends the process when the database
// is closed. A log that fails to be written to is what it is prepared for.
#pragma once

#include <rocksdb/env.h>

#include <memory>

namespace toll::engine {

/// REQUIRES: `base` outlives it.
std::unique_ptr<rocksdb::Env> with_logs_that_open(rocksdb::Env& base);

}  // namespace toll::engine
