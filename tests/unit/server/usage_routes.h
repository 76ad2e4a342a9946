// A service with an engine in memory, and a card of storage.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "engine/store.h"
#include "server/usage_service.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {

inline constexpr const char* kOne = "application/cloudevents+json";
inline constexpr const char* kBatch = "application/cloudevents-batch+json";
inline constexpr const char* kNdjson = "application/x-ndjson";

class UsageRoutes : public RunningService {
 protected:
  void SetUp() override {
    save("storage@2026-01-01.toll", card());
    auto store = std::make_unique<engine::MemoryStore>();
    store->before_write = [this] { return failure_; };
    engine_ = *engine::Engine::open(std::move(store));
    start();
  }
  void TearDown() override { server_.reset(); }  // before the engine

  void add_routes() override { UsageService(*folder_, *engine_).add_to(*server_); }

  static std::string card() {
    return "toll 1\n\ndimension class is hot, cold\nmeter storage sums GiB by class\n"
           "  from stored\n  take gib\n\ncard storage \"Storage\"\n  from 2026-01-01\n"
           "  currency USD\n  period month\n  round each line half-up\n\n"
           "  charge storage by class\n    hot  at 0.50 USD per GiB\n"
           "    cold at 0.10 USD per GiB\n\n  bill minimum 5.00 USD \"Minimum\"\n";
  }

  static std::string event(std::string_view id, std::string_view gib = "1",
                           std::string_view kind = "hot", std::string_view type = "stored") {
    return fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"/s","type":"{}","subject":"acme",)"
        R"("time":"2026-03-10T12:00:00Z","data":{{"class":"{}","gib":{}}}}})",
        id, type, kind, gib);
  }

  http::Response send(const std::string& type, std::string_view body) {
    return request("POST", "/v1/events", body, type);
  }
  http::Response subscribe(std::string_view id = "main",
                           std::string_view body = R"({"card":"storage","start":"2026-01-01"})",
                           std::string_view customer = "acme") {
    return request("PUT", fmt::format("/v1/customers/{}/subscriptions/{}", customer, id), body);
  }
  std::string total(std::string_view query = "?period=2026-03") {
    const auto response = get(fmt::format("/v1/customers/acme/bill{}", query));
    return response.status == 200 ? json::parse(response.body)["total"].get<std::string>()
                                  : response.body;
  }

  std::optional<engine::StoreError> failure_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace toll::server
