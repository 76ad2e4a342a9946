#include "server/usage_service.h"

#include "server/routes/answers.h"
#include "server/routes/customers.h"
#include "server/routes/events.h"

namespace toll::server {
namespace {

using http::Request;

constexpr std::string_view kTenant = "default";  // of a folder without tenants

}  // namespace

void UsageService::add_to(http::Server& server) const {
  const CardFolder& folder = folder_;
  engine::Engine& engine = engine_;
  const std::string subscriptions = "/v1/customers/{customer}/subscriptions";
  const auto takes = [](std::string_view scope) {
    return http::RouteOptions{.content_types = {std::string(kJson)}, .scope = std::string(scope)};
  };
  const http::RouteOptions reads_usage{.scope = "usage:read"};
  server.route("POST", "/v1/events",
               [&folder, &engine](const Request& request) {
                 return take_events(folder, engine, kTenant, request);
               },
               {.body_bytes_max = kEventsBytesMax,
                .content_types = {std::string(kOneEvent), std::string(kEventBatch),
                                  std::string(kEventLines)},
                .scope = "events:write"});
  server.route(
      "POST", "/v1/events/retract",
      [&engine](const Request& request) { return retract_event(engine, kTenant, request); },
      takes("events:write"));
  server.route(
      "GET", "/v1/events",
      [&engine](const Request& request) { return list_events(engine, kTenant, request); },
      reads_usage);
  server.route(
      "GET", subscriptions,
      [&engine](const Request& request) { return list_subscriptions(engine, kTenant, request); },
      reads_usage);
  server.route(
      "GET", subscriptions + "/{subscription}",
      [&engine](const Request& request) { return show_subscription(engine, kTenant, request); },
      reads_usage);
  server.route(
      "PUT", subscriptions + "/{subscription}",
      [&folder, &engine](const Request& request) {
        return put_subscription(folder, engine, kTenant, request);
      },
      takes("accounts:write"));
  server.route(
      "GET", "/v1/customers/{customer}/bill",
      [&folder, &engine](const Request& request) {
        return show_bill(folder, engine, kTenant, request);
      },
      reads_usage);
}

}  // namespace toll::server
