// Closing of billing periods.
#pragma once

#include <string_view>

#include "engine/engine.h"
#include "http/message.h"
#include "http/server.h"
#include "server/card_folder.h"
#include "server/tenants.h"

namespace toll::server {

/// POST /v1/periods/close
http::Response close_period(const CardFolder& folder, engine::Engine& engine,
                            std::string_view tenant, const http::Request& request);

/// Adds POST /v1/periods/close/all. REQUIRES: what `folder` was made of and `engine` outlive the
/// server.
void add_close_all_route(http::Server& server, FolderOf folder, engine::Engine& engine);

/// GET /v1/customers/{customer}/periods
http::Response list_periods(const CardFolder& folder, const engine::Engine& engine,
                            std::string_view tenant, const http::Request& request);

}  // namespace toll::server
