// Subscriptions and live bills of customers.
#pragma once

#include "engine/engine.h"
#include "http/message.h"
#include "server/card_folder.h"

namespace toll::server {

http::Response put_subscription(const CardFolder& folder, engine::Engine& engine,
                                std::string_view tenant, const http::Request& request);

/// All of a customer, or the one that the path names.
http::Response list_subscriptions(const engine::Engine& engine, std::string_view tenant,
                                  const http::Request& request);
http::Response show_subscription(const engine::Engine& engine, std::string_view tenant,
                                 const http::Request& request);

http::Response show_bill(const CardFolder& folder, const engine::Engine& engine,
                         std::string_view tenant, const http::Request& request);

}  // namespace toll::server
