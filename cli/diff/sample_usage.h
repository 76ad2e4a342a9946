// Usage that a diff rates besides examples: usage documents of a file, one a line or one alone.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "runtime/usage.h"

namespace toll::cli {

struct SampleUsage {
  std::string title;  ///< "line 3 of usage.ndjson, customer acme"
  runtime::UsageDocument document;
};

/// All documents of a file, or of standard input where `path` is `-`. A pinned hash is dropped:
/// both sides answer. What is wrong has been said when it fails, and the failure is the exit code.
std::expected<std::vector<SampleUsage>, int> read_sample_usage(const std::string& path);

}  // namespace toll::cli
