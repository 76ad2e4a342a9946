// GET /v1/events: the auditable record of a customer, page by page.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "server/routes/answers.h"
#include "server/routes/events.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;

/// From which event on: behind the one that ended the page before.
struct Cursor {
  Instant time;
  uint64_t position = 0;
};

struct RecordRequest {
  std::string customer;
  Instant from{}, until{std::chrono::nanoseconds(std::numeric_limits<int64_t>::max())};
  std::optional<bool> unmetered;
  std::optional<Cursor> cursor;
};

/// "1772366400000000000-17".
std::optional<Cursor> parse_cursor(std::string_view text) {
  int64_t time = 0;
  Cursor cursor;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, time);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-' || time < 0) return {};
  const auto second = std::from_chars(first.ptr + 1, end, cursor.position);
  if (second.ec != std::errc() || second.ptr != end) return {};
  cursor.time = Instant(std::chrono::nanoseconds(time));
  return cursor;
}

std::unexpected<Response> wrong(std::string_view name, std::string_view value,
                                std::string_view like) {
  return std::unexpected(http::problem(
      400,
      fmt::format("`{}` is not understood: write `{}` like {}", wire::shown(value), name, like)));
}

std::expected<RecordRequest, Response> read_request(const Request& request) {
  RecordRequest result;
  const auto customer = request.parameter("customer");
  if (!customer) return std::unexpected(http::problem(400, "`customer` is missing"));
  if (!wire::id_fault(*customer).empty())
    return wrong("customer", *customer, "the `subject` of events");
  result.customer = *customer;
  for (const auto& [name, bound] : {std::pair("from", &result.from), {"until", &result.until}}) {
    const auto text = request.parameter(name);
    if (!text) continue;
    const auto moment = parse_instant(*text);
    if (!moment) return wrong(name, *text, "2026-03-31T12:00:00Z");
    *bound = *moment;
  }
  if (const auto text = request.parameter("unmetered")) {
    if (*text != "true" && *text != "false") return wrong("unmetered", *text, "true or false");
    result.unmetered = *text == "true";
  }
  if (const auto text = request.parameter("cursor")) {
    result.cursor = parse_cursor(*text);
    if (!result.cursor) return wrong("cursor", *text, "the `cursor` of the page before");
    result.from = std::max(result.from, result.cursor->time);
  }
  return result;
}

void write_event(const engine::RecordedEvent& event, wire::JsonWriter& json) {
  json.begin_object().number("position", static_cast<int64_t>(event.position));
  if (event.unmetered) json.key("unmetered").boolean(true);
  if (event.retracted)
    json.text("retracted", to_string(*event.retracted)).text("reason", event.reason);
  json.key("event").json(event.text).end_object();
}

}  // namespace

Response list_events(const engine::Engine& engine, std::string_view tenant,
                     const Request& request) {
  constexpr std::string_view kKnown[] = {"customer", "from", "until", "unmetered", "cursor"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  const auto asked = read_request(request);
  if (!asked) return asked.error();
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().text("customer", asked->customer).key("events").begin_array();
  size_t events = 0;
  std::optional<Cursor> last;
  bool more = false;
  const auto read = engine.record(tenant, asked->customer, asked->from, asked->until,
                                  [&](const engine::RecordedEvent& event) {
                                    if (asked->cursor && event.time == asked->cursor->time &&
                                        event.position <= asked->cursor->position)
                                      return true;
                                    if (asked->unmetered && *asked->unmetered != event.unmetered)
                                      return true;
                                    more = events == kPageEvents || body.size() >= kPageBytes;
                                    if (more) return false;
                                    write_event(event, json);
                                    ++events;
                                    last = {event.time, event.position};
                                    return true;
                                  });
  if (!read) return unanswered(read.error());
  json.end_array();
  if (more)
    json.text("cursor",
              fmt::format("{}-{}", last->time.time_since_epoch().count(), last->position));
  json.end_object();
  return json_answer(std::move(body));
}

}  // namespace toll::server
