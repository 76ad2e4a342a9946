#include "server/routes/periods.h"

#include <string>
#include <vector>

#include "base/money.h"
#include "engine/closing.h"
#include "server/routes/answers.h"
#include "server/routes/bills.h"
#include "wire/flat_json.h"
#include "wire/json_writer.h"

namespace toll::server {
namespace {

using engine::ClosedAndNow;
using http::Request;
using http::Response;
using runtime::UsageFault;

void write_period(const ClosedAndNow& one, wire::JsonWriter& json) {
  const engine::ClosedPeriod& period = one.period;
  const Currency currency = find_currency(period.currency).value_or(Currency{});
  json.begin_object().text("subscription", one.subscription).key("period").begin_object();
  json.text("from", to_string(period.period.from)).text("until", to_string(period.period.until));
  json.end_object().text("closed", to_string(period.closed)).text("card", period.card);
  json.text("version", period.version).text("hash", period.hash());
  json.text("currency", period.currency).text("total", format_minor(period.total, currency));
  if (!period.corrections.empty()) {
    json.key("corrections").begin_array();
    for (const engine::Correction& correction : period.corrections)
      json.json(engine::correction_json(correction, period.currency));
    json.end_array();
  }
  json.text("to_pay", format_minor(period.to_pay(), currency));
  if (one.correction.difference() != 0)
    json.key("correction").json(engine::correction_json(one.correction, period.currency));
  json.end_object();
}

}  // namespace

Response close_period(const CardFolder& folder, engine::Engine& engine, std::string_view tenant,
                      const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  constexpr wire::TextField kFields[] = {{"customer", true}, {"subscription"}, {"period", true}};
  const auto fields = wire::read_text_fields(request.body, kFields);
  if (!fields) return problem(400, "the body does not say which period", fields.error());
  const std::string& period = fields->find("period")->second;
  const auto day = day_of_period(period);
  if (!day) {
    const UsageFault fault{"/period", std::string("is written like ").append(kLikePeriod)};
    return problem(400, "the body does not say which period", {&fault, 1});
  }
  const auto subscription = fields->find("subscription");
  const auto closed = engine::close_period(
      *folder.cards().get(), engine,
      {.tenant = std::string(tenant),
       .customer = fields->find("customer")->second,
       .subscription =
           subscription == fields->end() ? std::nullopt : std::optional(subscription->second),
       .day = day,
       .as_of = now()});
  return closed ? bill_answer(*closed) : refused(closed.error());
}

Response list_periods(const CardFolder& folder, const engine::Engine& engine,
                      std::string_view tenant, const Request& request) {
  constexpr std::string_view kKnown[] = {"subscription"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  const std::string customer(request.capture("customer"));
  if (auto refusal = refuse_customer(customer)) return *std::move(refusal);
  const auto periods = engine::closed_and_now(*folder.cards().get(), engine, std::string(tenant),
                                              customer, request.parameter("subscription"), now());
  if (!periods) return refused(periods.error());
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().text("customer", customer).key("periods").begin_array();
  for (const ClosedAndNow& one : *periods) write_period(one, json);
  json.end_array().end_object();
  return json_answer(std::move(body));
}

}  // namespace toll::server
