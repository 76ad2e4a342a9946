#include "server/routes/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "engine/admission.h"
#include "engine/event_cost.h"
#include "metering/binary_event.h"
#include "metering/event_texts.h"
#include "server/routes/answers.h"
#include "wire/flat_json.h"
#include "wire/json_writer.h"

namespace toll::server {
namespace {

using engine::Judged;
using engine::Verdict;
using http::Request;
using http::Response;
using metering::EventFault;
using metering::EventText;

constexpr std::string_view kNoAttributes =
    "the body is `application/json`: send the attributes of its event in headers (`ce-id` and so "
    "on), or whole events as `application/cloudevents+json`";
constexpr std::string_view kTwoModes =
    "the attributes of an event are in headers, and the body says that it holds whole events";

/// What is said of one event of a request.
struct Said {
  size_t place = 0;
  std::string id = {};  ///< empty where it could not be read
  bool readable = true;
  std::string pointer = {};  ///< of what could not be read
  std::vector<std::string> warnings = {};
  Judged judged = {};
  std::vector<engine::EventCost> costs = {};  ///< where they were asked for
};

/// "application/x-ndjson" of `Application/X-NDJSON; charset=utf-8`.
std::string media_type(const Request& request) {
  std::string type(request.header("Content-Type").value_or(""));
  type.resize(std::min(type.find(';'), type.size()));
  type.resize(type.find_last_not_of(" \t") + 1);
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::tolower(c); });
  return type;
}

bool is_binary(const Request& request) { return request.header("ce-specversion").has_value(); }

/// The event of a request in binary mode, as text.
std::expected<std::string, EventFault> text_of_headers(const Request& request) {
  constexpr std::string_view kPrefix = "ce-";
  std::vector<metering::EventAttribute> attributes;
  for (const auto& [name, value] : request.headers) {
    const bool is_attribute =
        name.size() > kPrefix.size() && std::tolower(static_cast<unsigned char>(name[0])) == 'c' &&
        std::tolower(static_cast<unsigned char>(name[1])) == 'e' && name[2] == '-';
    if (is_attribute) attributes.push_back({name.substr(kPrefix.size()), value});
  }
  return metering::text_of_binary(attributes, request.body);
}

std::expected<std::vector<EventText>, EventFault> texts_of(std::string_view type,
                                                           std::string_view body) {
  if (type == kEventLines) return metering::texts_of_lines(body);
  if (type == kEventBatch) return metering::texts_of_array(body);
  return std::vector<EventText>{{0, body}};
}

/// What the accepted events of a request cost.
class Costs {
 public:
  Costs(const CardFolder& folder, std::shared_ptr<const runtime::CardSet> cards,
        const engine::Engine& engine, std::string_view tenant)
      : costs_(std::move(cards), engine, std::string(tenant), now(), &folder.cell_raters()) {}

  void expect(const metering::UsageEvent& event) {
    costs_.expect(event);
    events_.push_back(event);
  }

  /// REQUIRES: the events that could be read are those that were expected, in their order.
  void add_to(std::vector<Said>& said) {
    auto event = events_.begin();
    for (Said& one : said) {
      if (!one.readable) continue;
      if (one.judged.verdict == Verdict::Accepted) one.costs = costs_.of(*event);
      ++event;
    }
  }

 private:
  engine::EventCosts costs_;
  std::vector<metering::UsageEvent> events_;
};

/// Reads the events, hands in those that are some, and says what became of each; with `with_cost`
/// also what they cost.
std::expected<std::vector<Said>, Response> take(const CardFolder& folder, engine::Engine& engine,
                                                std::string_view tenant,
                                                std::span<const EventText> texts, bool with_cost) {
  const auto cards = folder.cards().get();
  engine::Admission admission(cards, engine, std::string(tenant));
  std::optional<Costs> costs;
  if (with_cost) costs.emplace(folder, cards, engine, tenant);
  std::vector<Said> said;
  said.reserve(texts.size());
  engine::Candidates candidates{std::string(tenant)};
  candidates.reserve(texts.size());
  for (const EventText& text : texts) {
    said.push_back({.place = text.place});
    if (const auto read = admission.read(text.text, candidates); read) {
      said.back().id = admission.event().id;
      said.back().warnings = admission.warnings();
      if (costs) costs->expect(admission.event());
    } else {
      said.back().readable = false;
      said.back().id = read.error().id;
      said.back().pointer = read.error().pointer;
      said.back().judged = {Verdict::Rejected, false, read.error().message};
    }
  }
  if (admission.failure()) return std::unexpected(unanswered(*admission.failure()));
  if (candidates.size() == 0) return said;
  auto judged = engine.ingest(std::move(candidates));
  if (!judged) return std::unexpected(unanswered(judged.error()));
  size_t next = 0;
  for (Said& one : said)
    if (one.readable) one.judged = std::move((*judged)[next++]);
  if (costs) costs->add_to(said);
  return said;
}

void write_cost(const engine::EventCost& cost, wire::JsonWriter& json) {
  json.begin_object().text("subscription", cost.subscription);
  json.key("period").begin_object().text("from", to_string(cost.period.from));
  json.text("until", to_string(cost.period.until)).end_object();
  if (cost.correction) json.key("correction").boolean(true);
  if (!cost.reason.empty()) {
    json.text("reason", cost.reason).end_object();
    return;
  }
  json.text("currency", cost.cost.currency).key("lines").begin_array();
  for (const runtime::LineCost& line : cost.cost.lines)
    json.begin_object()
        .text("path", line.path)
        .text("amount", line.amount)
        .text("exact", line.exact)
        .end_object();
  json.end_array();
  if (!cost.cost.unknown.empty()) {
    json.key("unknown").begin_array();
    for (const runtime::UnknownCost& charge : cost.cost.unknown)
      json.begin_object().text("path", charge.path).text("reason", charge.reason).end_object();
    json.end_array();
  }
  json.end_object();
}

void write_verdict(const Said& said, bool by_line, wire::JsonWriter& json) {
  json.begin_object();
  if (by_line) json.number("line", static_cast<int64_t>(said.place));
  if (!said.id.empty()) json.text("id", said.id);
  json.text("verdict", to_string(said.judged.verdict));
  if (said.judged.unmetered) json.key("unmetered").boolean(true);
  if (!said.pointer.empty()) json.text("pointer", said.pointer);
  if (!said.judged.reason.empty()) json.text("reason", said.judged.reason);
  if (said.judged.verdict == Verdict::Accepted && !said.warnings.empty()) {
    json.key("warnings").begin_array();
    for (const std::string& warning : said.warnings) json.text(warning);
    json.end_array();
  }
  if (!said.costs.empty()) {
    json.key("cost").begin_array();
    for (const engine::EventCost& cost : said.costs) write_cost(cost, json);
    json.end_array();
  }
  json.end_object();
}

std::string verdicts_json(const std::vector<Said>& said, bool by_line) {
  std::array<int64_t, 4> counts{};
  int64_t unmetered = 0;
  for (const Said& one : said) {
    ++counts[static_cast<size_t>(one.judged.verdict)];
    unmetered += one.judged.unmetered ? 1 : 0;
  }
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object();
  for (size_t i = 0; i < counts.size(); ++i)
    json.number(to_string(static_cast<Verdict>(i)), counts[i]);
  json.number("unmetered", unmetered).key("events").begin_array();
  for (const Said& one : said) write_verdict(one, by_line, json);
  json.end_array().end_object();
  return body;
}

/// A request of one event has the status of its verdict.
std::optional<Response> fault_of_one(const Said& said) {
  const runtime::UsageFault fault{said.pointer, said.judged.reason};
  if (!said.readable) return problem(400, "the body is no usage event", {&fault, 1});
  if (said.judged.verdict == Verdict::Conflict) return problem(409, said.judged.reason, {});
  if (said.judged.verdict == Verdict::Rejected)
    return problem(422, "the card cannot read the event", {&fault, 1});
  return std::nullopt;
}

}  // namespace

Response take_events(const CardFolder& folder, engine::Engine& engine, std::string_view tenant,
                     const Request& request) {
  constexpr std::string_view kKnown[] = {"cost"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  const auto cost = flag_parameter(request, "cost");
  if (!cost) return cost.error();
  const std::string type = media_type(request);
  const bool binary = type == kJson;
  if (binary != is_binary(request))
    return http::problem(binary ? 415 : 400, binary ? kNoAttributes : kTwoModes);
  std::string from_headers;
  if (binary) {
    auto text = text_of_headers(request);
    if (!text) return http::problem(400, "the request " + text.error().message);
    from_headers = *std::move(text);
  }
  const auto texts = texts_of(type, binary ? std::string_view(from_headers) : request.body);
  if (!texts) return http::problem(400, "the body " + texts.error().message);
  if (texts->size() > kEventsMax)
    return http::problem(413, fmt::format("a request has at most {} events", kEventsMax));
  const auto said = take(folder, engine, tenant, *texts, cost->value_or(false));
  if (!said) return said.error();
  if (type == kOneEvent || binary)
    if (auto fault = fault_of_one(said->front())) return *std::move(fault);
  return json_answer(verdicts_json(*said, type == kEventLines));
}

Response retract_event(engine::Engine& engine, std::string_view tenant, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  constexpr wire::TextField kFields[] = {{"source", true}, {"id", true}, {"reason", true}};
  auto fields = wire::read_text_fields(request.body, kFields);
  if (!fields) return problem(400, "the body does not say which event", fields.error());
  const auto done = engine.retract(std::string(tenant), (*fields)["source"], (*fields)["id"],
                                   (*fields)["reason"], now());
  if (!done) return unanswered(done.error());
  if (*done == engine::Retraction::NoSuchEvent)
    return http::problem(404, "there is no event with this source and id");
  std::string body;
  wire::JsonWriter(body)
      .begin_object()
      .text("source", (*fields)["source"])
      .text("id", (*fields)["id"])
      .text("verdict", *done == engine::Retraction::Retracted ? "retracted" : "already_retracted")
      .end_object();
  return json_answer(std::move(body));
}

}  // namespace toll::server
