// GET /v1/events: the auditable record of a customer, page by page.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "metering/read_events.h"
#include "server/keys.h"
#include "server/routes/answers.h"
#include "server/routes/events.h"
#include "server/routes/page.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;

/// Where an event stands in the record of its customer: it is the so manyth of its time. Events
/// that come later stand behind those of the same time. The position in the log says the same, and
/// tells one tenant how much the others send.
struct Cursor {
  Instant time;
  uint64_t number = 0;

  /// To the next event of the record.
  void advance(Instant to) { *this = {to, to == time ? number + 1 : 1}; }
};

struct RecordRequest {
  std::string customer;
  Instant from{}, until{std::chrono::nanoseconds(std::numeric_limits<int64_t>::max())};
  std::optional<bool> unmetered, retracted;
  std::optional<std::string> source, type;
  std::optional<Cursor> cursor;
};

/// "1772366400000000000.17".
std::optional<Cursor> parse_cursor(std::string_view text) {
  int64_t time = 0;
  Cursor cursor;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, time);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.' || time < 0) return {};
  const auto second = std::from_chars(first.ptr + 1, end, cursor.number);
  if (second.ec != std::errc() || second.ptr != end) return {};
  cursor.time = Instant(std::chrono::nanoseconds(time));
  return cursor;
}

std::string text_of(const Cursor& cursor) {
  return fmt::format("{}.{}", cursor.time.time_since_epoch().count(), cursor.number);
}

/// Of an event's attribute, as far as one is asked for.
bool fits(const std::optional<std::string>& asked, std::string_view value) {
  return !asked || *asked == value;
}

std::expected<RecordRequest, Response> read_request(const Request& request) {
  RecordRequest result;
  const auto customer = request.parameter("customer");
  if (!customer) return std::unexpected(http::problem(400, "`customer` is missing"));
  if (!wire::id_fault(*customer).empty())
    return std::unexpected(wrong_parameter("customer", *customer, "the `subject` of events"));
  result.customer = *customer;
  for (const auto& [name, bound] : {std::pair("from", &result.from), {"until", &result.until}}) {
    const auto moment = moment_parameter(request, name);
    if (!moment) return std::unexpected(moment.error());
    if (*moment) *bound = **moment;
  }
  for (const auto& [name, flag] :
       {std::pair("unmetered", &result.unmetered), {"retracted", &result.retracted}}) {
    const auto given = flag_parameter(request, name);
    if (!given) return std::unexpected(given.error());
    *flag = *given;
  }
  result.source = request.parameter("source");
  result.type = request.parameter("type");
  if (const auto text = request.parameter("cursor")) {
    result.cursor = parse_cursor(*text);
    if (!result.cursor)
      return std::unexpected(wrong_parameter("cursor", *text, "the `cursor` of the page before"));
    result.from = std::max(result.from, result.cursor->time);
  }
  return result;
}

void write_event(const engine::RecordedEvent& event, bool with_position, wire::JsonWriter& json) {
  json.begin_object();
  if (with_position) json.number("position", static_cast<int64_t>(event.position));
  if (event.unmetered) json.key("unmetered").boolean(true);
  if (event.retracted)
    json.text("retracted", to_string(*event.retracted)).text("reason", event.reason);
  json.key("event").json(event.text).end_object();
}

/// Whether the event at a place is one of those that are asked for. `reader` is needed for what
/// only its text says.
bool is_asked_for(const engine::RecordedEvent& event, const Cursor& place,
                  const RecordRequest& asked, metering::EventReader& reader) {
  if (asked.cursor && place.time == asked.cursor->time && place.number <= asked.cursor->number)
    return false;
  if (asked.unmetered && *asked.unmetered != event.unmetered) return false;
  if (asked.retracted && *asked.retracted != event.retracted.has_value()) return false;
  if (!asked.source && !asked.type) return true;
  const auto read = reader.read(event.text);
  return read && fits(asked.source, read->source) && fits(asked.type, read->type);
}

}  // namespace

Response list_events(const engine::Engine& engine, std::string_view tenant,
                     const Request& request) {
  constexpr std::string_view kKnown[] = {"customer",  "from",   "until", "unmetered",
                                         "retracted", "source", "type",  "cursor"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  const auto asked = read_request(request);
  if (!asked) return asked.error();
  Page page("events", {.entries = kPageEvents, .bytes = kPageBytes},
            [&](wire::JsonWriter& json) { json.text("customer", asked->customer); });
  const auto write = [&](const engine::RecordedEvent& event, wire::JsonWriter& json) {
    write_event(event, tenant == kDefaultTenant, json);
  };
  Cursor place;
  const auto cursor_here = [&](const engine::RecordedEvent&) { return text_of(place); };
  metering::EventReader reader;
  const auto read = engine.record(
      tenant, asked->customer, asked->from, asked->until, [&](const engine::RecordedEvent& event) {
        place.advance(event.time);
        return !is_asked_for(event, place, *asked, reader) || page.add(event, write, cursor_here);
      });
  return read ? page.answer() : unanswered(read.error());
}

}  // namespace toll::server
