#include "server/routes/customers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/granting.h"
#include "engine/live_bill.h"
#include "server/routes/answers.h"
#include "wire/flat_json.h"
#include "wire/json_writer.h"
#include "wire/text.h"
#include "wire/to_date_json.h"
#include "wire/usage_json.h"

namespace toll::server {
namespace {

using engine::Subscription;
using http::Request;
using http::Response;
using runtime::UsageFault;

void write_subscription(const Subscription& subscription, wire::JsonWriter& json) {
  json.begin_object().text("id", subscription.id).text("card", subscription.card);
  if (subscription.plan) json.text("plan", *subscription.plan);
  if (subscription.currency) json.text("currency", *subscription.currency);
  json.text("start", to_string(subscription.start));
  if (subscription.end) json.text("end", to_string(*subscription.end));
  if (subscription.customer_since)
    json.text("customer_since", to_string(*subscription.customer_since));
  if (!subscription.plan_changes.empty()) {
    json.key("plan_changes").begin_object();
    for (const auto& [from, plan] : subscription.plan_changes) json.text(to_string(from), plan);
    json.end_object();
  }
  if (const engine::OpeningState& state = subscription.state; !state.empty()) {
    json.key("state").begin_object();
    wire::write_to_date(json, "used_to_date", state.used_to_date);
    wire::write_to_date(json, "billed_to_date", state.billed_to_date);
    wire::write_grants(json, state.grants);
    json.end_object();
  }
  json.end_object();
}

Response subscription_answer(const Subscription& subscription) {
  std::string body;
  wire::JsonWriter json(body);
  write_subscription(subscription, json);
  return json_answer(std::move(body));
}

constexpr std::string_view kPlanChanges = "plan_changes/";

/// Plans by their first day, and what is wrong with that.
void read_plan_changes(const std::map<std::string, std::string, std::less<>>& fields,
                       Subscription& subscription, std::vector<UsageFault>& faults) {
  const auto fault = [&](std::string_view day, std::string message) {
    faults.push_back(
        {fmt::format("/plan_changes/{}", runtime::pointer_token(day)), std::move(message)});
  };
  const std::string* before = subscription.plan ? &*subscription.plan : nullptr;
  for (auto field = fields.lower_bound(kPlanChanges);
       field != fields.end() && field->first.starts_with(kPlanChanges); ++field) {
    const std::string day = field->first.substr(kPlanChanges.size());
    const auto from = parse_date(day);
    if (!from)
      fault(day, fmt::format("`{}` is not a date: write it like 2026-03-31", wire::shown(day)));
    else if (*from <= subscription.start || (subscription.end && *from >= *subscription.end))
      fault(day, "a plan changes while the subscription goes on, after `start` and before `end`");
    else if (before && *before == field->second)
      fault(day, fmt::format("the plan is `{}` before that day, too", wire::shown(*before)));
    else
      subscription.plan_changes.emplace_back(*from, field->second);
    before = &field->second;
  }
  if (!subscription.plan && before)
    faults.push_back({"/plan", "the plan changes: name the one with which it begins"});
}

/// The state of a usage document, by the reader of those.
void read_state(const std::string& json, Subscription& subscription,
                std::vector<UsageFault>& faults) {
  auto document = wire::read_usage(fmt::format(R"({{"state":{}}})", json), subscription.card);
  if (!document) {
    std::ranges::move(document.error(), std::back_inserter(faults));
    return;
  }
  if (!document->final)
    faults.push_back({"/state/final", "says how far a period has come: leave it out"});
  subscription.state = {.used_to_date = std::move(document->used_to_date),
                        .billed_to_date = std::move(document->billed_to_date),
                        .grants = std::move(document->grants)};
}

/// The body of a PUT.
std::expected<Subscription, std::vector<UsageFault>> read_subscription(const Request& request) {
  constexpr wire::TextField kFields[] = {{"card", true},
                                         {"start", true},
                                         {"end"},
                                         {"customer_since"},
                                         {"plan"},
                                         {"currency"},
                                         {"anchor"},
                                         {.name = "plan_changes", .texts = true},
                                         {.name = "state", .json = true}};
  auto fields = wire::read_text_fields(request.body, kFields);
  if (!fields) return std::unexpected(std::move(fields.error()));
  std::vector<UsageFault> faults;
  const auto text = [&](const char* name) -> std::optional<std::string> {
    const auto found = fields->find(name);
    if (found == fields->end()) return std::nullopt;
    return found->second;
  };
  const auto date = [&](const char* name) -> std::optional<Date> {
    const auto written = text(name);
    if (!written) return std::nullopt;
    const auto read = parse_date(*written);
    if (!read)
      faults.push_back(
          {fmt::format("/{}", name),
           fmt::format("`{}` is not a date: write it like 2026-03-31", wire::shown(*written))});
    return read;
  };
  Subscription subscription{.id = std::string(request.capture("subscription")),
                            .card = *text("card"),
                            .plan = text("plan"),
                            .currency = text("currency"),
                            .start = date("start").value_or(Date{}),
                            .end = date("end"),
                            .customer_since = date("customer_since")};
  if (faults.empty()) read_plan_changes(*fields, subscription, faults);
  if (const auto state = text("state")) read_state(*state, subscription, faults);
  if (text("anchor"))
    faults.push_back({"/anchor", "billing periods are those of the calendar: leave it out"});
  if (faults.empty() && subscription.end && *subscription.end <= subscription.start)
    faults.push_back({"/end", "is not after `start`"});
  if (faults.empty() && subscription.since() > subscription.start)
    faults.push_back({"/customer_since",
                      "is after `start`: whoever is billed is a customer; leave it out for one who "
                      "came on that day"});
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return subscription;
}

/// Of what a customer's subscriptions have in common, what this one does not say itself.
std::optional<Response> add_customers_own(const engine::Engine& engine, std::string_view tenant,
                                          std::string_view customer, Subscription& subscription) {
  if (subscription.currency) return std::nullopt;
  const auto known = engine.customer(tenant, customer);
  if (!known) return unanswered(known.error());
  if (*known) subscription.currency = (*known)->currency;
  return std::nullopt;
}

}  // namespace

Response put_subscription(const CardFolder& folder, engine::Engine& engine, std::string_view tenant,
                          const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const std::string customer(request.capture("customer"));
  if (auto refusal = refuse_customer(customer)) return *std::move(refusal);
  if (const std::string fault = wire::id_fault(request.capture("subscription")); !fault.empty())
    return http::problem(400, "the id of the subscription " + fault);
  auto subscription = read_subscription(request);
  if (!subscription) return problem(400, "the body is no subscription", subscription.error());
  if (auto refusal = add_customers_own(engine, tenant, customer, *subscription))
    return *std::move(refusal);
  if (const auto sold = engine::check_subscription(*folder.cards().get(), customer, *subscription);
      !sold)
    return problem(422, sold.error().message, sold.error().faults);
  if (const auto named = engine::check_plan(*folder.cards().get(), engine, std::string(tenant),
                                            customer, *subscription);
      !named)
    return refused(named.error());
  if (const auto fine = engine::check_grants(*folder.cards().get(), engine, std::string(tenant),
                                             customer, *subscription);
      !fine)
    return refused(fine.error());
  const auto other = engine.put_subscription(std::string(tenant), customer, *subscription);
  if (!other) return unanswered(other.error());
  if (*other && (*other)->closed_until)
    return http::problem(409,
                         fmt::format("what is up to {} is closed: what billed it stays as it is",
                                     to_string(*(*other)->closed_until)));
  if (*other && (*other)->grant_from)
    return http::problem(
        409,
        fmt::format("the grant `{}` pays from {} on, which would be behind the `end`: withdraw "
                    "it first, or let the subscription end later",
                    (*other)->grant, to_string(*(*other)->grant_from)));
  if (*other)
    return http::problem(
        409,
        fmt::format("subscription `{}` bills the same card on some of these days: end it first",
                    (*other)->overlapping));
  return subscription_answer(*subscription);
}

Response remove_subscription(engine::Engine& engine, std::string_view tenant,
                             const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const std::string_view customer = request.capture("customer");
  if (auto refusal = refuse_customer(customer)) return *std::move(refusal);
  const auto removal = engine.remove_subscription(std::string(tenant), std::string(customer),
                                                  std::string(request.capture("subscription")));
  if (!removal) return unanswered(removal.error());
  switch (*removal) {
    case engine::Removal::Done:
      return {.status = 204, .body = {}};
    case engine::Removal::Absent:
      return http::problem(404, "there is no such subscription of this customer");
    case engine::Removal::Billed:
      return http::problem(409,
                           "a period of it is closed, so that it stays: let it end (`end`) with "
                           "what was billed");
    case engine::Removal::Granted:
      return http::problem(409, "credits were bought for it: withdraw these grants first");
  }
  std::unreachable();
}

Response list_subscriptions(const engine::Engine& engine, std::string_view tenant,
                            const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const std::string_view customer = request.capture("customer");
  if (auto refusal = refuse_customer(customer)) return *std::move(refusal);
  const auto subscriptions = engine.subscriptions(tenant, customer);
  if (!subscriptions) return unanswered(subscriptions.error());
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().text("customer", customer).key("subscriptions").begin_array();
  for (const Subscription& subscription : *subscriptions) write_subscription(subscription, json);
  json.end_array().end_object();
  return json_answer(std::move(body));
}

Response show_subscription(const engine::Engine& engine, std::string_view tenant,
                           const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const std::string_view customer = request.capture("customer");
  if (auto refusal = refuse_customer(customer)) return *std::move(refusal);
  const auto subscriptions = engine.subscriptions(tenant, customer);
  if (!subscriptions) return unanswered(subscriptions.error());
  const auto found =
      std::ranges::find(*subscriptions, request.capture("subscription"), &Subscription::id);
  if (found == subscriptions->end())
    return http::problem(404, "there is no such subscription of this customer");
  return subscription_answer(*found);
}

}  // namespace toll::server
