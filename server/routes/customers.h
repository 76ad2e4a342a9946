// Customers and their subscriptions.
#pragma once

#include "engine/engine.h"
#include "http/message.h"
#include "server/card_folder.h"

namespace toll::server {

/// Of one answer with customers.
inline constexpr size_t kPageCustomers = 1'000;

http::Response put_customer(engine::Engine& engine, std::string_view tenant,
                            const http::Request& request);
http::Response show_customer(const engine::Engine& engine, std::string_view tenant,
                             const http::Request& request);
/// Page by page.
http::Response list_customers(const engine::Engine& engine, std::string_view tenant,
                              const http::Request& request);

http::Response put_subscription(const CardFolder& folder, engine::Engine& engine,
                                std::string_view tenant, const http::Request& request);

/// Of one that has billed nothing.
http::Response remove_subscription(engine::Engine& engine, std::string_view tenant,
                                   const http::Request& request);

/// All of a customer, or the one that the path names.
http::Response list_subscriptions(const engine::Engine& engine, std::string_view tenant,
                                  const http::Request& request);
http::Response show_subscription(const engine::Engine& engine, std::string_view tenant,
                                 const http::Request& request);

}  // namespace toll::server
