// Closing of billing periods.
#pragma once

#include <string_view>

#include "engine/engine.h"
#include "http/message.h"
#include "server/card_folder.h"

namespace toll::server {

/// POST /v1/periods/close
http::Response close_period(const CardFolder& folder, engine::Engine& engine,
                            std::string_view tenant, const http::Request& request);

/// GET /v1/customers/{customer}/periods
http::Response list_periods(const CardFolder& folder, const engine::Engine& engine,
                            std::string_view tenant, const http::Request& request);

}  // namespace toll::server
