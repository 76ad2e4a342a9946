// The usage document of a command line.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "base/result.h"
#include "cli/verbs/verbs.h"
#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::cli {

/// Larger files are refused.
inline constexpr size_t kUsageBytesMax = size_t{64} << 20;

/// All of a file, or of standard input where `path` is `-`.
Result<std::string> read_input(const std::string& path);

/// Reads the document that the options name and puts their own words over it. What is wrong has
/// been said when it fails, and the failure is the exit code; of a document with faults, that is
/// also what does not fit its card among `cards`.
std::expected<runtime::UsageDocument, int> read_document(const QuoteOptions& options,
                                                         const runtime::CardSet& cards);

/// One line a fault: file, pointer, sentence.
void complain_of_faults(const std::string& file, std::span<const runtime::UsageFault> faults);

}  // namespace toll::cli
