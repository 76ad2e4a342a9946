// Grants that a customer was sold or given.
#pragma once

#include <string_view>

#include "engine/engine.h"
#include "http/message.h"
#include "server/card_folder.h"

namespace toll::server {

/// POST /v1/customers/{customer}/grants
http::Response add_grant(const CardFolder& folder, engine::Engine& engine, std::string_view tenant,
                         const http::Request& request);

/// DELETE /v1/customers/{customer}/grants/{grant}
http::Response withdraw_grant(engine::Engine& engine, std::string_view tenant,
                              const http::Request& request);

/// GET of the first: what was bought, and what is left in the pools.
http::Response list_grants(const CardFolder& folder, const engine::Engine& engine,
                           std::string_view tenant, const http::Request& request);

}  // namespace toll::server
