#include "engine/storage/torn_end.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <string_view>

namespace toll::engine {
namespace {

/// CRC-32C (Castagnoli), with which RocksDB guards the records of its logs.
using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

constexpr size_t kBlockBytes = 32768;
constexpr size_t kHeaderBytes = 7;  // checksum, length, kind

/// The kinds of records, as RocksDB numbers them. A record that does not fit into its block is cut
/// into a first, middle and last one. Those that can be used again carry the log's number besides.
enum RecordKind : uint8_t {
  kFirst = 2,
  kMiddle = 3,
  kReusable = 5,  // the first of them
  kReusableFirst = 6,
  kReusableMiddle = 7,
  kReusableLast = 8,
  kReusableTimestamps = 11,
  kKinds = 12,
};

/// A record in a block: what its header says, if that was written in full.
struct Record {
  uint8_t kind = 0;
  size_t end = 0;  ///< in the block, or beyond it

  /// Whether it ends what was written together.
  bool is_last() const {
    return kind != kFirst && kind != kMiddle && kind != kReusableFirst && kind != kReusableMiddle;
  }
};

uint8_t byte_at(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

/// REQUIRES: kHeaderBytes are there.
Record record_at(std::string_view block, size_t at) {
  const uint8_t kind = byte_at(block, at + 6);
  const bool is_numbered =
      (kind >= kReusable && kind <= kReusableLast) || kind == kReusableTimestamps;
  const size_t length = byte_at(block, at + 4) | byte_at(block, at + 5) << 8;
  return {kind, at + kHeaderBytes + (is_numbered ? sizeof(uint32_t) : 0) + length};
}

/// The checksum as it is written: changed, so that one over bytes that hold one is another.
uint32_t masked(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8; }

uint32_t checksum_at(std::string_view block, size_t at) {
  uint32_t checksum = 0;
  for (size_t i = sizeof checksum; i-- > 0;) checksum = checksum << 8 | byte_at(block, at + i);
  return checksum;
}

/// The record at `at`, where it is whole.
std::optional<Record> whole_record(std::string_view block, size_t at) {
  if (at + kHeaderBytes > block.size()) return std::nullopt;
  const Record record = record_at(block, at);
  if (record.kind == 0 || record.kind >= kKinds || record.end > block.size()) return std::nullopt;
  Crc32c crc;
  crc.process_bytes(block.data() + at + 6, record.end - at - 6);
  if (masked(crc.checksum()) != checksum_at(block, at)) return std::nullopt;
  return record;
}

/// Whether the record at `at` is whole but for its length, which the checksum does not guard.
bool is_whole_but_for_length(std::string_view block, size_t at, size_t end) {
  Crc32c crc;
  for (size_t next = at + 6; next < end; ++next) {
    crc.process_byte(byte_at(block, next));
    if (masked(crc.checksum()) == checksum_at(block, at)) return true;
  }
  return false;
}

/// The records of a block that are whole, up to the first that is not.
struct Records {
  size_t end = 0;                  ///< of the last one; of the block where no other would fit
  std::optional<size_t> last_end;  ///< of the last one that ends what was written together
};

Records records_of(std::string_view block) {
  Records records;
  while (const auto record = whole_record(block, records.end)) {
    records.end = record->end;
    if (record->is_last()) records.last_end = record->end;
  }
  if (records.end + kHeaderBytes > kBlockBytes) records.end = kBlockBytes;
  return records;
}

/// Whether what stands at `at` is a record of which the bytes up to `written` came, and which was
/// to end within a file of which the block holds `block`. REQUIRES: at < written.
bool is_torn_record(std::string_view block, size_t at, size_t written) {
  if (written >= at + kHeaderBytes) {  // a kind is never zero
    const Record record = record_at(block, at);
    if (record.kind >= kKinds || record.end > block.size() || record.end <= written ||
        is_whole_but_for_length(block, at, record.end))
      return false;
  }
  // What is whole behind it was written later.
  for (size_t next = at + 1; next < written; ++next)
    if (whole_record(block, next)) return false;
  return true;
}

class Log {
 public:
  Log(uint64_t size, const ReadLog& read) : size_(size), read_(read) {}

  std::optional<uint64_t> whole_before_torn_end() const {
    const auto written = written_bytes();
    if (!written || *written == size_ || *written == 0) return std::nullopt;
    // Behind the block of the last byte that is not zero there are only zeros, and no record goes
    // from block to block.
    const uint64_t number = (*written - 1) / kBlockBytes;
    const auto block = read_block(number);
    if (!block) return std::nullopt;
    const Records records = records_of(*block);
    const uint64_t begin = number * kBlockBytes;
    if (begin + records.end + kHeaderBytes > size_) return std::nullopt;  // nothing more was begun
    if (begin + records.end < *written && !is_torn_record(*block, records.end, *written - begin))
      return std::nullopt;
    if (records.last_end) return begin + *records.last_end;
    return last_end_before(number);
  }

 private:
  /// Up to the last one that is not zero.
  std::optional<uint64_t> written_bytes() const {
    for (uint64_t number = (size_ + kBlockBytes - 1) / kBlockBytes; number-- > 0;) {
      const auto block = read_block(number);
      if (!block) return std::nullopt;
      const size_t last = block->find_last_not_of('\0');
      if (last != std::string::npos) return number * kBlockBytes + last + 1;
    }
    return 0;
  }

  /// Where that ends which was written together before a block that is in the middle of what was.
  /// Nothing where a block before is damaged.
  std::optional<uint64_t> last_end_before(uint64_t number) const {
    while (number-- > 0) {
      const auto block = read_block(number);
      if (!block) return std::nullopt;
      const Records records = records_of(*block);
      if (records.end != kBlockBytes) return std::nullopt;
      if (records.last_end) return number * kBlockBytes + *records.last_end;
    }
    return 0;
  }

  std::optional<std::string> read_block(uint64_t number) const {
    const uint64_t begin = number * kBlockBytes;
    const size_t size = static_cast<size_t>(std::min<uint64_t>(kBlockBytes, size_ - begin));
    std::string block = read_(begin, size);
    if (block.size() != size) return std::nullopt;
    return block;
  }

  const uint64_t size_;
  const ReadLog& read_;
};

}  // namespace

std::optional<uint64_t> whole_before_torn_end(uint64_t size, const ReadLog& read) {
  return Log(size, read).whole_before_torn_end();
}

}  // namespace toll::engine
