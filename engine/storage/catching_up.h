// A database that is read beside its writer, brought to where the writer is.
//
// RocksDB takes a table that it cannot open there for one that the writer has removed since. It
// goes on with the last state of the list of files (MANIFEST) of which it can open all, and says
// nothing: where a table is damaged or lost, its rows and all that came later would be missing. So
// the list is read a second time as a start does, which forgives nothing, and what it names must be
// what is read.
#pragma once

#include <rocksdb/db.h>

#include <string>
#include <vector>

namespace toll::engine {

/// How it was opened.
struct BesideWriter {
  rocksdb::DBOptions options;
  std::string database;
  std::string scratch;  ///< a folder without logs
  std::vector<rocksdb::ColumnFamilyDescriptor> tables;
};

/// Reads what came since, until its tables are all that the list names. A status that is not OK
/// where they cannot be. REQUIRES: `db` was opened as a secondary one.
rocksdb::Status catch_up(rocksdb::DB& db, const BesideWriter& how);

}  // namespace toll::engine
