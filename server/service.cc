#include "server/service.h"

#include <fmt/format.h>

#include <expected>
#include <utility>

#include "base/clock.h"
#include "runtime/quote.h"
#include "server/cards/card_views.h"
#include "server/keys.h"
#include "server/routes/answers.h"
#include "server/routes/batch.h"
#include "server/routes/cards.h"
#include "wire/answer_json.h"
#include "wire/json_writer.h"
#include "wire/text.h"
#include "wire/usage_json.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;
using runtime::Refusal;

Response refused(const Refusal& refusal) {
  if (refusal.kind == Refusal::Kind::NotFound)
    return problem(404, refusal.faults.front().message, refusal.faults);
  return problem(422, "the usage document does not fit the card", refusal.faults);
}

using Rate = std::expected<runtime::Answer, Refusal> (*)(const runtime::CardSet&,
                                                         const runtime::UsageDocument&);

/// `decisions` may be null.
Response rate(const CardFolder& folder, const Request& request, Rate rate,
              DecisionLog* decisions = nullptr) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const auto document = wire::read_usage(request.body);
  if (!document) return problem(400, "the body is no usage document", document.error());
  const Instant at = decisions ? now() : Instant{};
  auto answer = rate(*folder.cards().get(), *document);
  if (!answer) return refused(answer.error());
  Response response = json_answer({});
  wire::write_answer(*answer, response.body);
  if (decisions)
    decisions->record({at, request.caller, request.body, response.body, named_tenant(request)},
                      DecisionLog::Pace::Hasty);
  response.headers.emplace_back("Toll-Card-Version", std::move(answer->version));
  response.headers.emplace_back("Toll-Card-Hash", std::move(answer->hash));
  return response;
}

Response list_cards(const CardFolder& folder, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const auto status = folder.status();
  Response response = json_answer(card_list_json(*status));
  response.headers.emplace_back("ETag", entity_tag(folder_tag(status->files)));
  return response;
}

Response show_card(const CardFolder& folder, const Request& request) {
  constexpr std::string_view kKnown[] = {"on", "hash"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  runtime::UsageDocument document;
  document.hash = request.parameter("hash");
  document.card = request.capture("card");
  if (!wire::id_fault(document.card).empty())
    return http::problem(404, fmt::format("there is no card `{}`", wire::shown(document.card)));
  if (const auto on = request.parameter("on")) {
    document.on = parse_date(*on);
    if (!document.on)
      return http::problem(
          400, fmt::format("`{}` is not a date: write `on` like 2026-03-31", wire::shown(*on)));
  }
  const auto status = folder.status();
  const auto revision = runtime::choose(*status->cards, document);
  if (!revision) return refused(revision.error());
  return card_answer(folder, *status, **revision);
}

Response health(const CardFolder& folder) {
  std::string body;
  wire::JsonWriter(body)
      .begin_object()
      .text("status", "ok")
      .number("cards", static_cast<int64_t>(folder.cards().get()->cards().size()))
      .end_object();
  return json_answer(std::move(body));
}

}  // namespace

void QuoteService::add_to(http::Server& server) const {
  const http::RouteOptions takes_usage{.content_types = {std::string(kJson)},
                                       .scope = "quotes:read",
                                       .waits = false};
  const http::RouteOptions reads_cards{.scope = "cards:read"};
  server.route(
      "POST", "/v1/quotes",
      with_cards(folder_,
                 [decisions = hooks_.decisions](CardFolder& folder, const Request& request) {
                   return rate(folder, request, runtime::quote, decisions);
                 }),
      takes_usage);
  server.route("POST", "/v1/explain",
               with_cards(folder_,
                          [](CardFolder& folder, const Request& request) {
                            return rate(folder, request, runtime::explain);
                          }),
               takes_usage);
  server.route("GET", "/v1/cards", with_cards(folder_, list_cards), reads_cards);
  server.route("GET", "/v1/cards/{card}", with_cards(folder_, show_card), reads_cards);
  // Whoever asks has no key, so it is about the folder itself.
  server.route("GET", "/healthz",
               [&folder = folder_.main()](const Request&) { return health(folder); },
               {.scope = std::string(kPublic)});
  add_batch_route(server, folder_, hooks_.charge, hooks_.decisions);
}

}  // namespace toll::server
