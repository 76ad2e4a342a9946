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
  const http::RouteOptions takes_json{.content_types = {std::string(kJson)}};
  server.route("POST", "/v1/events",
               [&folder, &engine](const Request& request) {
                 return take_events(folder, engine, kTenant, request);
               },
               {.body_bytes_max = kEventsBytesMax,
                .content_types = {std::string(kOneEvent), std::string(kEventBatch),
                                  std::string(kEventLines)}});
  server.route(
      "POST", "/v1/events/retract",
      [&engine](const Request& request) { return retract_event(engine, kTenant, request); },
      takes_json);
  server.route("GET", "/v1/events",
               [&engine](const Request& request) { return list_events(engine, kTenant, request); });
  const std::string subscriptions = "/v1/customers/{customer}/subscriptions";
  server.route("GET", subscriptions, [&engine](const Request& request) {
    return list_subscriptions(engine, kTenant, request);
  });
  server.route("GET", subscriptions + "/{subscription}", [&engine](const Request& request) {
    return show_subscription(engine, kTenant, request);
  });
  server.route(
      "PUT", subscriptions + "/{subscription}",
      [&folder, &engine](const Request& request) {
        return put_subscription(folder, engine, kTenant, request);
      },
      takes_json);
  server.route("GET", "/v1/customers/{customer}/bill", [&folder, &engine](const Request& request) {
    return show_bill(folder, engine, kTenant, request);
  });
}

}  // namespace toll::server
