// GET /v1/completeness: what is missing of what sources sent.
#include "engine/completeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "server/routes/answers.h"
#include "server/routes/page.h"
#include "server/routes/usage.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::server {
namespace {

using engine::CompletenessRequest;
using engine::SourceReport;
using http::Request;
using http::Response;

constexpr int kSilenceMinutesMax = 366 * 24 * 60;

std::expected<CompletenessRequest, Response> read_request(std::string_view tenant,
                                                          const Request& request) {
  const Instant moment = now();
  const Date today = std::chrono::floor<std::chrono::days>(moment);
  CompletenessRequest asked{.tenant = std::string(tenant),
                            .days = {today, today + std::chrono::days(1)},
                            .now = moment,
                            .behind = request.parameter("cursor").value_or("")};
  for (const auto& [name, day] :
       {std::pair("from", &asked.days.from), {"until", &asked.days.until}}) {
    const auto text = request.parameter(name);
    if (!text) continue;
    const auto read = parse_date(*text);
    if (!read) return std::unexpected(wrong_parameter(name, *text, "2026-03-31, a day of UTC"));
    *day = *read;
  }
  if (asked.days.from >= asked.days.until)
    return std::unexpected(http::problem(400, "`until` is not after `from`"));
  if (const auto text = request.parameter("silence")) {
    int minutes = 0;
    const char* const end = text->data() + text->size();
    const auto [stopped, error] = std::from_chars(text->data(), end, minutes);
    if (stopped != end || error == std::errc::invalid_argument)
      return std::unexpected(wrong_parameter("silence", *text, "60, in minutes"));
    if (error != std::errc() || minutes < 1 || minutes > kSilenceMinutesMax)
      return std::unexpected(http::problem(
          400, fmt::format("`silence` is 1 to {} minutes, which is 366 days", kSilenceMinutesMax)));
    asked.silence_min = std::chrono::minutes(minutes);
  }
  return asked;
}

/// Numbers of sources may be larger than every reader of JSON takes.
std::string digits(uint64_t number) { return std::to_string(number); }

void write_report(const SourceReport& report, wire::JsonWriter& json) {
  json.begin_object().text("source", report.source);
  json.number("events", static_cast<int64_t>(report.events));
  json.number("unmetered", static_cast<int64_t>(report.unmetered));
  json.number("rejected", static_cast<int64_t>(report.rejected));
  json.number("conflicts", static_cast<int64_t>(report.conflicts));
  if (report.last_day) json.text("last_day", to_string(*report.last_day));
  if (report.sequence) {
    json.key("sequence").begin_object();
    json.text("first", digits(report.sequence->first)).text("last", digits(report.sequence->last));
    json.text("missing", digits(report.sequence->missing)).key("gaps").begin_array();
    for (const auto& [first, last] : report.sequence->gaps)
      json.begin_object().text("first", digits(first)).text("last", digits(last)).end_object();
    json.end_array();
    if (const uint64_t left_out = report.sequence->gap_count - report.sequence->gaps.size())
      json.number("gaps_left_out", static_cast<int64_t>(left_out));
    json.end_object();
  }
  if (report.days_scattered > 0)
    json.text(
        "sequence_left_out",
        fmt::format("on {} of the days its numbers make more than 1,000 runs and are not kept, "
                    "so what is missing is not known",
                    report.days_scattered));
  json.number("silent", static_cast<int64_t>(report.silence_count)).key("silences").begin_array();
  for (const SourceReport::Silence& silence : report.silences)
    json.begin_object()
        .text("from", to_string(silence.from))
        .text("until", to_string(silence.until))
        .end_object();
  json.end_array().end_object();
}

}  // namespace

Response show_completeness(const engine::Engine& engine, std::string_view tenant,
                           const Request& request) {
  constexpr std::string_view kKnown[] = {"from", "until", "silence", "cursor"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  const auto asked = read_request(tenant, request);
  if (!asked) return asked.error();
  Page page("sources", {.entries = kPageSources}, [&](wire::JsonWriter& json) {
    json.text("from", to_string(asked->days.from)).text("until", to_string(asked->days.until));
  });
  const auto read = engine::completeness(engine, *asked, [&](const SourceReport& report) {
    return page.add(report, write_report, [](const SourceReport& one) { return one.source; });
  });
  return read ? page.answer() : unanswered(read.error());
}

}  // namespace toll::server
