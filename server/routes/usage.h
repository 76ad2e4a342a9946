// GET /v1/usage, GET /v1/completeness and GET /v1/events/conflicts.
#pragma once

#include "engine/engine.h"
#include "http/message.h"
#include "server/card_folder.h"

namespace toll::server {

/// Fields that usage may be grouped by at once.
inline constexpr size_t kGroupFieldsMax = 8;

/// Of one answer with sources, or with conflicts.
inline constexpr size_t kPageSources = 1'000;
inline constexpr size_t kPageConflicts = 1'000;

http::Response show_usage(const CardFolder& folder, const engine::Engine& engine,
                          std::string_view tenant, const http::Request& request);

http::Response show_completeness(const engine::Engine& engine, std::string_view tenant,
                                 const http::Request& request);

http::Response list_conflicts(const engine::Engine& engine, std::string_view tenant,
                              const http::Request& request);

}  // namespace toll::server
