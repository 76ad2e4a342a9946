// PUT and GET /v1/customers/{customer}, and GET /v1/customers.
#include <algorithm>
#include <utility>

#include "base/date.h"
#include "base/money.h"
#include "engine/customers.h"
#include "server/routes/answers.h"
#include "server/routes/customers.h"
#include "server/routes/page.h"
#include "wire/flat_json.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::server {
namespace {

using engine::Customer;
using http::Request;
using http::Response;
using runtime::UsageFault;

/// The object goes on.
void begin_customer(const Customer& customer, wire::JsonWriter& json) {
  json.begin_object().text("id", customer.id);
  if (customer.name) json.text("name", *customer.name);
  if (customer.currency) json.text("currency", *customer.currency);
  if (customer.tax) json.text("tax", *customer.tax);
  if (customer.time_zone) json.text("time_zone", *customer.time_zone);
}

void write_listed(const engine::ListedCustomer& listed, wire::JsonWriter& json) {
  begin_customer(listed.customer, json);
  json.number("subscriptions", static_cast<int64_t>(listed.subscriptions));
  json.number("events", static_cast<int64_t>(listed.events)).end_object();
}

Response customer_answer(const Customer& customer) {
  std::string body;
  wire::JsonWriter json(body);
  begin_customer(customer, json);
  json.end_object();
  return json_answer(std::move(body));
}

std::expected<Customer, std::vector<UsageFault>> read_customer(const Request& request) {
  constexpr wire::TextField kFields[] = {{"name"}, {"currency"}, {"tax"}, {"time_zone"}};
  const auto fields = wire::read_text_fields(request.body, kFields);
  if (!fields) return std::unexpected(fields.error());
  const auto text = [&](const char* name) -> std::optional<std::string> {
    const auto found = fields->find(name);
    return found == fields->end() ? std::nullopt : std::optional(found->second);
  };
  Customer customer{.id = std::string(request.capture("customer")),
                    .name = text("name"),
                    .currency = text("currency"),
                    .tax = text("tax"),
                    .time_zone = text("time_zone")};
  std::vector<UsageFault> faults;
  if (customer.currency && !find_currency(*customer.currency))
    faults.push_back({"/currency", "is not a currency of ISO 4217, such as `USD`"});
  if (customer.time_zone && !is_time_zone(*customer.time_zone))
    faults.push_back({"/time_zone", "is not a time zone, such as `Europe/Berlin`"});
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return customer;
}

}  // namespace

Response put_customer(engine::Engine& engine, std::string_view tenant, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  if (const std::string fault = wire::id_fault(request.capture("customer")); !fault.empty())
    return http::problem(400, "the id of the customer " + fault);
  auto customer = read_customer(request);
  if (!customer) return problem(400, "the body is no customer", customer.error());
  const auto put = engine.put_customer(std::string(tenant), *std::move(customer));
  return put ? customer_answer(*put) : unanswered(put.error());
}

Response show_customer(const engine::Engine& engine, std::string_view tenant,
                       const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const std::string_view id = request.capture("customer");
  if (auto refusal = refuse_customer(id)) return *std::move(refusal);
  const auto customer = engine.customer(tenant, id);
  if (!customer) return unanswered(customer.error());
  if (!*customer) return http::problem(404, "nothing was said of this customer");
  return customer_answer(**customer);
}

Response list_customers(const engine::Engine& engine, std::string_view tenant,
                        const Request& request) {
  constexpr std::string_view kKnown[] = {"cursor", "subscribed"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  engine::CustomersRequest asked{.tenant = std::string(tenant),
                                 .after = request.parameter("cursor").value_or("")};
  if (!asked.after.empty() && !wire::id_fault(asked.after).empty())
    return wrong_parameter("cursor", asked.after, "the `cursor` of the page before");
  const auto subscribed = flag_parameter(request, "subscribed");
  if (!subscribed) return subscribed.error();
  asked.subscribed = *subscribed;
  Page page("customers", {.entries = kPageCustomers});
  auto behind = engine::customers(engine, asked, [&](const engine::ListedCustomer& listed) {
    return page.add(listed, write_listed, [](const auto& one) { return one.customer.id; });
  });
  if (!behind) return unanswered(behind.error());
  if (*behind) page.end_at(**std::move(behind));
  return page.answer();
}

}  // namespace toll::server
