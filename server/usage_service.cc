#include "server/usage_service.h"

#include <string>

#include "server/routes/answers.h"
#include "server/routes/bills.h"
#include "server/routes/customers.h"
#include "server/routes/events.h"
#include "server/routes/grants.h"
#include "server/routes/periods.h"
#include "server/routes/usage.h"

namespace toll::server {
namespace {

using http::Request;

/// A handler that is told of the engine and of the request's tenant.
template <typename Engine, typename Answer>
http::Handler with_engine(Engine& engine, Answer answer) {
  return [&engine, answer](const Request& request) {
    return answer(engine, tenant_of(request), request);
  };
}

/// And of the cards of the tenant.
template <typename Engine, typename Answer>
http::Handler with_both(FolderOf folder_of, Engine& engine, Answer answer) {
  return with_cards(folder_of, [&engine, answer](CardFolder& folder, const Request& request) {
    return answer(folder, engine, tenant_of(request), request);
  });
}

http::RouteOptions takes(std::string_view scope) {
  return {.content_types = {std::string(kJson)}, .scope = std::string(scope)};
}

const http::RouteOptions kReadsUsage{.scope = "usage:read"};

}  // namespace

void UsageService::add_to(http::Server& server) const {
  add_events(server);
  add_customers(server);
  server.route("GET", "/v1/usage", with_both(folder_, engine_, show_usage), kReadsUsage);
  server.route("GET", "/v1/completeness", with_engine(engine_, show_completeness), kReadsUsage);
  server.route("GET", "/v1/customers/{customer}/bill", with_both(folder_, engine_, show_bill),
               kReadsUsage);
  server.route("POST", "/v1/periods/close", with_both(folder_, engine_, close_period),
               takes("billing:write"));
  add_close_all_route(server, folder_, engine_);
  server.route("GET", "/v1/customers/{customer}/periods", with_both(folder_, engine_, list_periods),
               kReadsUsage);
  add_stream_route(server, folder_, engine_, streams_);
}

void UsageService::add_events(http::Server& server) const {
  server.route("POST", "/v1/events", with_both(folder_, engine_, take_events),
               {.body_bytes_max = kEventsBytesMax,
                .content_types = {std::string(kOneEvent), std::string(kEventBatch),
                                  std::string(kEventLines), std::string(kJson)},
                .scope = "events:write"});
  server.route("POST", "/v1/events/retract", with_engine(engine_, retract_event),
               takes("events:write"));
  server.route("GET", "/v1/events", with_engine(engine_, list_events), kReadsUsage);
  server.route("GET", "/v1/events/conflicts", with_engine(engine_, list_conflicts), kReadsUsage);
}

void UsageService::add_customers(http::Server& server) const {
  const std::string customers = "/v1/customers";
  const std::string customer = customers + "/{customer}";
  const std::string subscriptions = customer + "/subscriptions";
  server.route("POST", customer + "/grants", with_both(folder_, engine_, add_grant),
               takes("ledger:write"));
  server.route("GET", customer + "/grants", with_both(folder_, engine_, list_grants), kReadsUsage);
  server.route("DELETE", customer + "/grants/{grant}", with_engine(engine_, withdraw_grant),
               {.scope = "ledger:write"});
  server.route("GET", customers, with_engine(engine_, list_customers), kReadsUsage);
  server.route("GET", customer, with_engine(engine_, show_customer), kReadsUsage);
  server.route("PUT", customer, with_engine(engine_, put_customer), takes("accounts:write"));
  server.route("GET", subscriptions, with_engine(engine_, list_subscriptions), kReadsUsage);
  server.route("GET", subscriptions + "/{subscription}", with_engine(engine_, show_subscription),
               kReadsUsage);
  server.route("PUT", subscriptions + "/{subscription}",
               with_both(folder_, engine_, put_subscription), takes("accounts:write"));
  server.route("DELETE", subscriptions + "/{subscription}",
               with_engine(engine_, remove_subscription), {.scope = "accounts:write"});
}

}  // namespace toll::server
