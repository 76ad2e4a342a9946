#include "server/routes/grants.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ratio_text.h"
#include "engine/granting.h"
#include "server/routes/answers.h"
#include "wire/flat_json.h"
#include "wire/json_writer.h"
#include "wire/quantity_fault.h"
#include "wire/text.h"

namespace toll::server {
namespace {

using engine::BoughtGrant;
using http::Request;
using http::Response;
using runtime::UsageFault;

void write_grant(const BoughtGrant& grant, wire::JsonWriter& json) {
  json.begin_object().text("id", grant.id).text("subscription", grant.subscription);
  json.text("pool", grant.pool).text("quantity", grant.quantity.to_string());
  json.text("from", to_string(grant.from));
  if (grant.expires) json.text("expires", to_string(*grant.expires));
  if (grant.price) json.text("price", *grant.price);
  if (grant.source) json.text("source", *grant.source);
  json.text("created", to_string(grant.created));
  if (grant.withdrawn) json.text("withdrawn", to_string(*grant.withdrawn));
  json.end_object();
}

/// Fields of a body, and what is wrong with them.
class Fields {
 public:
  explicit Fields(std::map<std::string, std::string, std::less<>> fields)
      : fields_(std::move(fields)) {}

  std::optional<std::string> text(std::string_view name) const {
    const auto found = fields_.find(name);
    return found == fields_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<Date> date(std::string_view name) {
    const auto written = text(name);
    if (!written) return std::nullopt;
    const auto read = parse_date(*written);
    if (!read)
      fault(name,
            fmt::format("`{}` is not a date: write it like 2026-03-31", wire::shown(*written)));
    return read;
  }
  Ratio quantity(std::string_view name) {
    const std::string written = text(name).value_or("");
    const auto read = parse_ratio(written);
    if (!read)
      fault(name, wire::credits_fault(written, read.error()));
    else if (read->is_zero())
      fault(name, "a grant of nothing is none");
    return read.value_or(Ratio());
  }
  void fault(std::string_view name, std::string message) {
    faults_.push_back({fmt::format("/{}", name), std::move(message)});
  }
  const std::vector<UsageFault>& faults() const { return faults_; }

 private:
  std::map<std::string, std::string, std::less<>> fields_;
  std::vector<UsageFault> faults_;
};

Response grant_answer(const BoughtGrant& grant) {
  std::string body;
  wire::JsonWriter json(body);
  write_grant(grant, json);
  return json_answer(std::move(body));
}

std::expected<BoughtGrant, std::vector<UsageFault>> read_grant(const Request& request,
                                                               std::string id) {
  constexpr wire::TextField kFields[] = {
      {"pool", true},   {.name = "quantity", .required = true, .number = true},
      {"subscription"}, {"from"},
      {"expires"},      {"price"},
      {"source"}};
  auto read = wire::read_text_fields(request.body, kFields);
  if (!read) return std::unexpected(std::move(read.error()));
  Fields fields(*std::move(read));
  const Instant moment = now();
  const Date today = std::chrono::floor<std::chrono::days>(moment);
  BoughtGrant grant{.id = std::move(id),
                    .subscription = fields.text("subscription").value_or(""),
                    .pool = *fields.text("pool"),
                    .quantity = fields.quantity("quantity"),
                    .from = fields.date("from").value_or(today),
                    .expires = fields.date("expires"),
                    .price = fields.text("price"),
                    .source = fields.text("source"),
                    .created = moment};
  if (grant.expires && *grant.expires <= grant.from && fields.faults().empty())
    fields.fault("expires", "is not after `from`");
  if (!fields.faults().empty()) return std::unexpected(fields.faults());
  return grant;
}

}  // namespace

Response add_grant(const CardFolder& folder, engine::Engine& engine, std::string_view tenant,
                   const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const std::string customer(request.capture("customer"));
  if (auto refusal = refuse_customer(customer)) return *std::move(refusal);
  const std::string id(request.header("Idempotency-Key").value_or(""));
  if (const std::string fault = wire::id_fault(id); !fault.empty())
    return http::problem(400,
                         "the header `Idempotency-Key`, by which a grant that is sent again is "
                         "known, " +
                             (id.empty() ? "is missing" : fault));
  auto grant = read_grant(request, id);
  if (!grant) return problem(400, "the body is no grant", grant.error());
  const auto kept = engine::grant(
      *folder.cards().get(), engine,
      {.tenant = std::string(tenant), .customer = customer, .grant = *std::move(grant)});
  if (!kept && kept.error().taken)
    return http::problem(409, "another grant of this customer has that `Idempotency-Key`");
  return kept ? grant_answer(*kept) : refused(kept.error().why);
}

Response withdraw_grant(engine::Engine& engine, std::string_view tenant, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const std::string_view customer = request.capture("customer");
  if (auto refusal = refuse_customer(customer)) return *std::move(refusal);
  const auto done = engine.withdraw_grant(std::string(tenant), std::string(customer),
                                          std::string(request.capture("grant")), now());
  if (!done) return unanswered(done.error());
  if (!done->grant) return http::problem(404, "there is no such grant of this customer");
  if (done->closed_until)
    return http::problem(
        409, fmt::format("it pays from {} on, and what is up to {} is closed: its credits may have "
                         "paid there, so it stays",
                         to_string(done->grant->from), to_string(*done->closed_until)));
  return grant_answer(*done->grant);
}

Response list_grants(const CardFolder& folder, const engine::Engine& engine,
                     std::string_view tenant, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const std::string customer(request.capture("customer"));
  if (auto refusal = refuse_customer(customer)) return *std::move(refusal);
  const auto grants = engine.grants(tenant, customer);
  if (!grants) return unanswered(grants.error());
  const auto pools =
      engine::pools_left(*folder.cards().get(), engine, std::string(tenant), customer, now());
  if (!pools) return unanswered(pools.error());
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().text("customer", customer).key("grants").begin_array();
  for (const BoughtGrant& grant : *grants) write_grant(grant, json);
  json.end_array().key("pools").begin_array();
  for (const engine::PoolsLeft& left : *pools) {
    json.begin_object().text("subscription", left.subscription);
    if (!left.reason.empty()) json.text("reason", left.reason);
    if (left.reason.empty()) {
      json.key("remaining").begin_object();
      for (const auto& [pool, quantity] : left.remaining) json.text(pool, quantity);
      json.end_object();
    }
    json.end_object();
  }
  json.end_array().end_object();
  return json_answer(std::move(body));
}

}  // namespace toll::server
