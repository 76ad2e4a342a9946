// Any bytes are a line of a table of usage, CSV or NDJSON: where plain rows take it, it is read
// with care too, and the same is read.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "tests/support/plain_row.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using toll::runtime::TableFormat;
  std::string line(reinterpret_cast<const char*>(data), size);
  std::ranges::replace(line, '\n', ' ');
  bool is_plain = false;
  for (const TableFormat format : {TableFormat::Csv, TableFormat::Ndjson})
    if (!toll::testing::disagreement(format, line, is_plain).empty()) std::abort();
  return 0;
}
