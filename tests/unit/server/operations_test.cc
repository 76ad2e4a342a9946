// Readiness, metrics, and a description of the service that is true.
#include "server/operations.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <sstream>

#include "engine/store.h"
#include "server/card_service.h"
#include "server/keys.h"
#include "server/usage_service.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

/// Rows in memory whose disk fails while it is told to.
class FailingStore final : public engine::Store {
 public:
  explicit FailingStore(const std::atomic<bool>& fails) : fails_(fails) {}
  std::expected<Value, engine::StoreError> get(engine::Table table,
                                               std::string_view key) const override {
    return rows_.get(table, key);
  }
  std::expected<std::vector<Value>, engine::StoreError> get_many(
      engine::Table table, std::span<const std::string_view> keys) const override {
    return rows_.get_many(table, keys);
  }
  std::expected<void, engine::StoreError> scan(engine::Table table, std::string_view from,
                                               std::string_view until,
                                               const Visit& visit) const override {
    return rows_.scan(table, from, until, visit);
  }
  std::expected<void, engine::StoreError> write(const engine::Batch& batch) override {
    return rows_.write(batch);
  }
  std::unique_ptr<const engine::View> snapshot() const override { return rows_.snapshot(); }
  engine::StoreState state() const override {
    if (!fails_) return {.reopened = 1};
    return {.failure = engine::StoreError{engine::StoreError::Kind::Failed, "no disk"}};
  }

 private:
  const std::atomic<bool>& fails_;
  engine::MemoryStore rows_;
};

class OperationsTest : public RunningService {
 protected:
  void SetUp() override {
    save("api@2026-01-01.toll", api_card("0.01"));
    engine_ = *engine::Engine::open(std::make_unique<FailingStore>(store_fails_));
    start();
  }
  void TearDown() override { server_.reset(); }

  // The folder is open when the options are asked for.
  http::ServerOptions options() override {
    operations_ = std::make_unique<Operations>(*folder_, nullptr, nullptr, engine_.get());
    return {.observe = operations_->observer()};
  }
  void add_routes() override {
    CardService(*folder_).add_to(*server_);
    UsageService(*folder_, *engine_).add_to(*server_);
    operations_->add_to(*server_);
  }

  /// A line of the metrics; empty if there is none with this name and these labels.
  std::string metric(const std::string& name) {
    std::istringstream lines(get("/metrics").body);
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(name + " ")) return line.substr(name.size() + 1);
    return {};
  }

  std::atomic<bool> store_fails_ = false;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Operations> operations_;
};

TEST_F(OperationsTest, SaysWhetherTheStoreTakesEvents) {
  EXPECT_EQ(get("/readyz").body, R"({"status":"ready","events":"taken"})");
  EXPECT_EQ(metric("toll_store_takes_events"), "1");
  store_fails_ = true;
  const http::Response answer = get("/readyz");
  EXPECT_EQ(answer.status, 200) << "quotes are answered";
  EXPECT_EQ(answer.body, R"({"status":"ready","events":"refused"})");
  EXPECT_EQ(metric("toll_store_takes_events"), "0");
  EXPECT_EQ(total(), "10.00");
  store_fails_ = false;
  EXPECT_EQ(get("/readyz").body, R"({"status":"ready","events":"taken"})");
  EXPECT_EQ(metric("toll_store_opened_again_total"), "1");
}

TEST_F(OperationsTest, IsReadyUntilItIsAskedToEnd) {
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_EQ(metric("toll_ready"), "1");
  operations_->drain();
  const http::Response answer = get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(header(answer, "Retry-After"), "1");
  EXPECT_EQ(get("/healthz").status, 200) << "it is not to be killed for that";
  EXPECT_EQ(total(), "10.00") << "requests are still answered";
  EXPECT_EQ(metric("toll_ready"), "0");
}

TEST_F(OperationsTest, CountsAnswersByRouteAndStatus) {
  for (int i = 0; i < 3; ++i) total();
  quote("{");
  get("/v1/cards/api?on=2026-03-01");
  get("/v1/cards/nothing");
  get("/nowhere");
  const auto requests = [&](std::string_view method, std::string_view route, int status) {
    return metric(fmt::format(R"(toll_http_requests_total{{method="{}",route="{}",status="{}"}})",
                              method, route, status));
  };
  // An answer is counted when it is sent, and its client may be quicker with a new connection.
  wait_until([&] { return requests("POST", "/v1/quotes", 400) == "1"; });
  wait_until([&] { return requests("", "none", 404) == "1"; });
  wait_until([&] { return metric("toll_http_connections") == "1"; });
  EXPECT_EQ(requests("POST", "/v1/quotes", 200), "3");
  EXPECT_EQ(requests("POST", "/v1/quotes", 400), "1");
  EXPECT_EQ(requests("GET", "/v1/cards/{card}", 200), "1");
  EXPECT_EQ(requests("GET", "/v1/cards/{card}", 404), "1") << "a name of a card is no label";
  EXPECT_EQ(requests("", "none", 404), "1");
  EXPECT_EQ(metric(R"(toll_http_request_duration_seconds_count{method="POST",route="/v1/quotes"})"),
            "4");
  EXPECT_EQ(metric("toll_cards_live"), "1");
  EXPECT_EQ(metric("toll_card_errors"), "0");
  EXPECT_EQ(metric("toll_http_connections"), "1");
  EXPECT_NE(metric("process_resident_memory_bytes"), "");
}

TEST_F(OperationsTest, MetricsAreWellFormed) {
  total();
  const http::Response answer = get("/metrics");
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  std::set<std::string> described, seen;
  std::istringstream lines(answer.body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      EXPECT_TRUE(described.insert(line.substr(7, line.find(' ', 7) - 7)).second) << line;
    }
    if (line.starts_with("#")) continue;
    EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << "twice: " << line;
    std::string name = line.substr(0, line.find_first_of("{ "));
    for (const std::string end : {"_bucket", "_sum", "_count"})
      if (name.ends_with(end) && !described.contains(name)) name.resize(name.size() - end.size());
    EXPECT_TRUE(described.contains(name)) << line;
  }
}

// ---- the description ----

class Description : public OperationsTest {
 protected:
  json document() { return get_json("/openapi.json"); }

  /// What a `$ref` stands for.
  static json resolved(const json& document, const json& value) {
    if (!value.contains("$ref")) return value;
    const std::string pointer = value["$ref"].get<std::string>().substr(1);
    EXPECT_TRUE(document.contains(json::json_pointer(pointer))) << pointer;
    return document.at(json::json_pointer(pointer));
  }

  static std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  }
};

TEST_F(Description, HasEveryRouteAndNoOther) {
  const json all = document();
  EXPECT_EQ(all["openapi"], "3.1.0");
  std::set<std::string> routes, described;
  for (const http::RouteInfo& route : server_->routes())
    routes.insert(lower(std::string(route.method)) + " " + std::string(route.pattern));
  for (const auto& [path, operations] : all["paths"].items())
    for (const auto& [method, operation] : operations.items())
      described.insert(method + " " + path);
  EXPECT_EQ(described, routes);
}

TEST_F(Description, SaysOfEachRouteWhatTheServerHoldsItTo) {
  const json all = document();
  std::set<std::string> ids;
  for (const http::RouteInfo& route : server_->routes()) {
    const json& path = all["paths"][std::string(route.pattern)];
    const json& operation = path[lower(std::string(route.method))];
    const std::string name = std::string(route.method) + " " + std::string(route.pattern);
    EXPECT_TRUE(ids.insert(operation["operationId"].get<std::string>()).second) << name;
    const std::string scope = operation["security"].empty()
                                  ? std::string(kPublic)
                                  : operation["security"][0]["key"][0].get<std::string>();
    EXPECT_EQ(scope, route.options->scope) << name;
    for (const char* status : {"401", "403", "429"})
      EXPECT_EQ(operation["responses"].contains(status), scope != kPublic) << name << status;
    std::set<std::string> types(route.options->content_types.begin(),
                                route.options->content_types.end());
    std::set<std::string> described;
    if (operation.contains("requestBody"))
      for (const auto& [type, content] : operation["requestBody"]["content"].items())
        described.insert(type);
    EXPECT_EQ(described, types) << name;
    std::set<std::string> captures, parameters;
    for (size_t at = 0; (at = route.pattern.find('{', at)) != route.pattern.npos; ++at)
      captures.emplace(route.pattern.substr(at + 1, route.pattern.find('}', at) - at - 1));
    if (operation.contains("parameters"))
      for (const json& parameter : operation["parameters"])
        if (const json is = resolved(all, parameter); is["in"] == "path")
          parameters.insert(is["name"].get<std::string>());
    EXPECT_EQ(parameters, captures) << name;
  }
}

TEST_F(Description, RefersToNothingThatIsNotThere) {
  const json all = document();
  size_t references = 0;
  const auto walk = [&](const auto& self, const json& value) -> void {
    if (value.is_object() && value.contains("$ref")) {
      ++references;
      resolved(all, value);
    }
    if (value.is_structured())
      for (const json& part : value) self(self, part);
  };
  walk(walk, all);
  EXPECT_GT(references, 100u);
}

/// What a schema of the description does not allow in a value: its path, or nothing.
std::string misfit(const json& document, const json& schema, const json& value,
                   const std::string& at = "") {
  if (schema.contains("$ref"))
    return misfit(document,
                  document.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))),
                  value, at);
  if (schema.contains("oneOf"))
    return std::ranges::any_of(
               schema["oneOf"],
               [&](const json& one) { return misfit(document, one, value).empty(); })
               ? ""
               : at;
  if (schema.contains("const")) return schema["const"] == value ? "" : at;
  if (schema.contains("enum"))
    return std::ranges::find(schema["enum"], value) != schema["enum"].end() ? "" : at;
  const std::map<std::string, bool> is = {
      {"object", value.is_object()},   {"array", value.is_array()},
      {"string", value.is_string()},   {"integer", value.is_number_integer()},
      {"boolean", value.is_boolean()}, {"null", value.is_null()}};
  if (!schema.contains("type")) return "";
  if (!is.at(schema["type"].get<std::string>())) return at + " is no " + schema["type"].dump();
  if (value.is_array())
    for (const json& item : value)
      if (auto why = misfit(document, schema["items"], item, at + "/item"); !why.empty())
        return why;
  if (!value.is_object()) return "";
  for (const json& name : schema.value("required", json::array()))
    if (!value.contains(name.get<std::string>())) return at + " lacks " + name.dump();
  const json properties = schema.value("properties", json::object());
  const json others = schema.value("additionalProperties", json(true));
  for (const auto& [name, part] : value.items()) {
    if (properties.contains(name)) {
      if (auto why = misfit(document, properties[name], part, at + "/" + name); !why.empty())
        return why;
    } else if (others == json(false)) {
      return at + " has " + name;
    } else if (others.is_object()) {
      if (auto why = misfit(document, others, part, at + "/" + name); !why.empty()) return why;
    }
  }
  return "";
}

TEST_F(Description, AnswersAreAsDescribed) {
  const json all = document();
  const auto check = [&](const std::string& method, const std::string& target,
                         const std::string& route, int expected, std::string_view body = {},
                         const std::string& type = "application/json") {
    const http::Response answer = request(method, target, body, type);
    EXPECT_EQ(answer.status, expected) << target << answer.body;
    const json& responses = all["paths"][route][lower(method)]["responses"];
    ASSERT_TRUE(responses.contains(std::to_string(expected))) << route << expected;
    const json response = resolved(all, responses[std::to_string(expected)]);
    ASSERT_TRUE(response["content"].contains(answer.content_type)) << route << answer.content_type;
    EXPECT_EQ(
        misfit(all, response["content"][answer.content_type]["schema"], json::parse(answer.body)),
        "")
        << answer.body;
  };
  const std::string usage =
      R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})";
  check("POST", "/v1/quotes", "/v1/quotes", 200, usage);
  check("POST", "/v1/explain", "/v1/explain", 200, usage);
  check("POST", "/v1/quotes", "/v1/quotes", 400, "{");
  check("POST", "/v1/quotes", "/v1/quotes", 404, R"({"card":"apo"})");
  check("POST", "/v1/quotes", "/v1/quotes", 415, usage, "text/plain");
  check("POST", "/v1/quotes", "/v1/quotes", 422,
        R"({"card":"api","usage":[{"meter":"calls","quantity":1}]})");
  check("POST", "/v1/quotes/batch", "/v1/quotes/batch", 200, usage, "application/x-ndjson");
  check("POST", "/v1/quotes/batch", "/v1/quotes/batch", 200, "{", "application/x-ndjson");
  check("GET", "/v1/cards", "/v1/cards", 200);
  check("GET", "/v1/cards/api?on=2026-03-01", "/v1/cards/{card}", 200);
  check("GET", "/v1/cards/apo", "/v1/cards/{card}", 404);
  const std::string version = "/v1/cards/{card}/{from}";
  const std::string text = api_card("0.02");
  check("POST", "/v1/cards/check", "/v1/cards/check", 200, text, "text/plain");
  check("POST", "/v1/cards/check", "/v1/cards/check", 200, "card", "text/plain");
  check("PUT", "/v1/cards/api/2026-01-01", version, 428, text, "text/plain");
  check("PUT", "/v1/cards/api/2027-01-01", version, 422, "toll 1\n\ncard", "text/plain");
  check("POST", "/v1/cards/api/2026-01-01/rollback", version + "/rollback", 409);
  check("PATCH", "/v1/cards", "/v1/cards", 428, "{}", "application/merge-patch+json");
  check("GET", "/healthz", "/healthz", 200);
  check("GET", "/readyz", "/readyz", 200);
  const std::string subscriptions = "/v1/customers/{customer}/subscriptions";
  check("PUT", "/v1/customers/acme/subscriptions/main", subscriptions + "/{subscription}", 200,
        R"({"card":"api","start":"2026-01-01"})");
  check("PUT", "/v1/customers/acme/subscriptions/more", subscriptions + "/{subscription}", 409,
        R"({"card":"api","start":"2026-02-01"})");
  check("PUT", "/v1/customers/taken/subscriptions/over", subscriptions + "/{subscription}", 200,
        R"({"card":"api","start":"2026-01-01","customer_since":"2025-03-01"})");
  check("PUT", "/v1/customers/taken/subscriptions/over", subscriptions + "/{subscription}", 400,
        R"({"card":"api","start":"2026-01-01","customer_since":"2026-03-01"})");
  check("PUT", "/v1/customers/taken/subscriptions/over", subscriptions + "/{subscription}", 422,
        R"({"card":"api","start":"2026-01-01","state":{"used_to_date":{"x":"1"}}})");
  check("DELETE", "/v1/customers/taken/subscriptions/other", subscriptions + "/{subscription}",
        404);
  check("DELETE", "/v1/customers/taken/grants/other", "/v1/customers/{customer}/grants/{grant}",
        404);
  check("GET", "/v1/customers/acme/subscriptions", subscriptions, 200);
  check("GET", "/v1/customers/acme/subscriptions/main", subscriptions + "/{subscription}", 200);
  check("GET", "/v1/customers/acme/bill?period=2026-03", "/v1/customers/{customer}/bill", 200);
  const std::string event =
      R"({"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"acme",)"
      R"("time":"2026-03-10T12:00:00Z","data":{}})";
  const std::string conflicting =
      R"({"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"acme",)"
      R"("time":"2026-03-10T12:00:01Z","sequence":"7","data":{}})";
  const std::string called =
      R"({"specversion":"1.0","id":"2","source":"/s","type":"api.call","subject":"acme",)"
      R"("time":"2026-03-10T12:00:00Z","sequence":"3","data":{}})";
  check("POST", "/v1/events", "/v1/events", 200, event, "application/cloudevents+json");
  check("POST", "/v1/events", "/v1/events", 409, conflicting, "application/cloudevents+json");
  check("GET", "/v1/events/conflicts", "/v1/events/conflicts", 200);
  check("GET", "/v1/completeness?from=2026-03-10&until=2026-03-11", "/v1/completeness", 200);
  check("GET", "/v1/completeness?from=x", "/v1/completeness", 400);
  check("POST", "/v1/events?cost=true", "/v1/events", 200, called, "application/cloudevents+json");
  check("POST", "/v1/events?cost=yes", "/v1/events", 400, called, "application/cloudevents+json");
  check("GET", "/v1/usage?customer=acme&from=2026-03-01T00:00:00Z&group_by=team", "/v1/usage", 200);
  check("GET", "/v1/usage?customer=acme", "/v1/usage", 400);
  check("GET", "/v1/usage?customer=nobody&from=2026-03-01T00:00:00Z", "/v1/usage", 404);
  check("GET", "/v1/customers/acme", "/v1/customers/{customer}", 404);
  check("PUT", "/v1/customers/acme", "/v1/customers/{customer}", 200,
        R"({"name":"Acme","currency":"USD","tax":"DE","time_zone":"UTC"})");
  check("PUT", "/v1/customers/acme", "/v1/customers/{customer}", 400, R"({"currency":"x"})");
  check("GET", "/v1/customers/acme", "/v1/customers/{customer}", 200);
  check("GET", "/v1/customers", "/v1/customers", 200);
  check("GET", "/v1/customers?subscribed=false", "/v1/customers", 200);
  check("GET", "/v1/customers?subscribed=perhaps", "/v1/customers", 400);
  check("GET", "/v1/events?customer=acme", "/v1/events", 200);
  check("GET", "/v1/events", "/v1/events", 400);
  const std::string close = "/v1/periods/close",
                    january = R"({"customer":"acme","period":"2026-01"})";
  check("POST", close, close, 200, january);
  check("POST", close, close, 422, R"({"customer":"acme","period":"2026-03"})");
  check("POST", close, close, 400, R"({"customer":"acme","period":"march"})");
  check("POST", close + "/all", close + "/all", 400, january);
  const std::string late =
      R"({"specversion":"1.0","id":"3","source":"/s","type":"api.call","subject":"acme",)"
      R"("time":"2026-01-10T12:00:00Z","data":{}})";
  check("POST", "/v1/events", "/v1/events", 200, late, "application/cloudevents+json");
  check("POST", close, close, 200, january);
  check("GET", "/v1/customers/acme/bill?period=2026-02", "/v1/customers/{customer}/bill", 200);
  check("GET", "/v1/customers/acme/periods", "/v1/customers/{customer}/periods", 200);
  check("GET", "/v1/customers/acme/periods?subscription=x", "/v1/customers/{customer}/periods",
        404);
  check("POST", "/v1/events/retract", "/v1/events/retract", 200,
        R"({"source":"/s","id":"1","reason":"test"})");
}

}  // namespace
}  // namespace toll::server
