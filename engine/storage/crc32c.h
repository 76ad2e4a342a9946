// CRC-32C (Castagnoli), with which RocksDB guards the records of its logs.
#pragma once

#include <cstdint>
#include <string_view>

namespace toll::engine {

/// Of bytes whose checksum is `before`, and these behind them.
uint32_t crc32c(std::string_view bytes, uint32_t before = 0);

}  // namespace toll::engine
