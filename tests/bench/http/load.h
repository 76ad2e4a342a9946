// Closed-loop load on one route: every connection sends its next request when it has the answer to
// the one before. One thread drives all connections, so that little of the machine goes to the
// load.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tests/support/times.h"

namespace toll::bench {

struct Load {
  uint64_t answers = 0;
  testing::Times times;  ///< from sending a request to having its answer
  std::chrono::duration<double> elapsed{};
  double per_second() const { return static_cast<double>(answers) / elapsed.count(); }
};

/// Posts `body` as JSON to `path` on `connections` keep-alive connections for that long. Ends the
/// program when an answer is not 200.
/// `fields` are further header lines, each with its CR LF.
Load post(uint16_t port, const std::string& path, const std::string& body, int connections,
          std::chrono::duration<double> time, const std::string& fields = {});

/// Posts `line` so many times as one NDJSON request, and reads its answer meanwhile, on one thread.
/// Ends the program when a line is answered with an error or not at all.
Load post_lines(uint16_t port, const std::string& path, const std::string& line, uint64_t lines);

}  // namespace toll::bench
