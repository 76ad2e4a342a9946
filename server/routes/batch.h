// POST /v1/quotes/batch.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "http/server.h"
#include "server/card_folder.h"
#include "server/decision_log.h"
#include "server/tenants.h"

namespace toll::server {

inline constexpr std::string_view kLines = "application/x-ndjson";

/// Of one request; it is never in memory as a whole.
inline constexpr size_t kBatchBytesMax = size_t{1} << 30;

/// Answered at once, each with a bounded amount of memory.
inline constexpr int kBatchesMax = 8;

/// Lines that count as one request of a key.
inline constexpr uint64_t kLinesOfARequest = 1'000;

/// Adds the route. `charge` is told of the requests that a batch counts for beyond its own; may be
/// empty. `decisions` may be null. REQUIRES: what `folder` was made of and
/// `decisions` outlive the server.
void add_batch_route(http::Server& server, FolderOf folder,
                     std::function<void(std::string_view caller, uint64_t requests)> charge,
                     DecisionLog* decisions);

}  // namespace toll::server
