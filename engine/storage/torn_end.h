// Where one of RocksDB's logs is whole that was being written when the power went. Its write-ahead
// logs and its lists of files (MANIFEST) have one form: blocks of 32 KiB, and in them records that
// each begin with a checksum, a length and a kind.
//
// A file may have grown before its bytes were written. It then ends in some bytes of a record and
// zeros in place of the rest. RocksDB 7.8 takes a log that ends in the middle of a record for what
// a crash leaves, and this one for damage, and does not open.
//
// What is dropped here was never synced, and what was not synced is not needed: nobody is told of a
// write before its record in the write-ahead log is synced, and of a list of files each record is
// synced before RocksDB removes a file that it no longer names, or a write-ahead log whose rows it
// says are in files.
//
// Only that is taken for a torn end. Bytes that changed, without zeros in place of something that
// is missing or with anything whole behind them, are damage, which RocksDB refuses as before. So
// are zeros with something behind them: the loss of the power may leave such a hole where blocks
// are written out of order, but nothing tells it from damage to what was synced. One damage cannot
// be told from a torn end: that of a last record which turned its own end into zeros. Where that
// takes rows away, the mark tells of it (storage/mark.h).
//
// No option of RocksDB does this. `wal_recovery_mode` is not asked for lists of files, and the
// modes that pass over such an end of a write-ahead log pass over damage in its middle as well.
// `best_efforts_recovery` goes back to whatever list has all of its files, and leaves the
// write-ahead log out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace toll::engine {

/// Bytes of a log from `offset` on, so many; fewer where it cannot be read.
using ReadLog = std::function<std::string(uint64_t offset, size_t size)>;

/// How many of the `size` bytes of a log are whole records, where it ends in a torn one; nothing
/// where it does not.
std::optional<uint64_t> whole_before_torn_end(uint64_t size, const ReadLog& read);

}  // namespace toll::engine
