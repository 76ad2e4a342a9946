#include "server/routes/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/usage_report.h"
#include "server/routes/answers.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::server {
namespace {

using engine::UsageRequest;
using engine::UsageRow;
using engine::UsageWindow;
using http::Request;
using http::Response;

constexpr std::array<std::pair<std::string_view, UsageWindow>, 3> kWindows = {
    {{"hour", UsageWindow::Hour}, {"day", UsageWindow::Day}, {"month", UsageWindow::Month}}};

std::unexpected<Response> malformed(std::string_view detail) {
  return std::unexpected(http::problem(400, detail));
}

/// "team,region".
std::expected<std::vector<std::string>, Response> read_fields(std::string_view text) {
  std::vector<std::string> fields;
  for (bool last = false; !last;) {
    const size_t end = std::min(text.find(','), text.size());
    last = end == text.size();
    fields.emplace_back(text.substr(0, end));
    if (!wire::id_fault(fields.back()).empty())
      return std::unexpected(wrong_parameter("group_by", text, "team or team,region"));
    if (std::ranges::count(fields, fields.back()) > 1)
      return malformed(fmt::format("`group_by` names `{}` twice", wire::shown(fields.back())));
    if (!last) text.remove_prefix(end + 1);
  }
  if (fields.size() > kGroupFieldsMax)
    return malformed(fmt::format("`group_by` names more than {} fields", kGroupFieldsMax));
  return fields;
}

std::expected<UsageRequest, Response> read_usage_request(std::string_view tenant,
                                                         const Request& request) {
  UsageRequest asked{.tenant = std::string(tenant),
                     .customer = request.parameter("customer").value_or(""),
                     .subscription = request.parameter("subscription"),
                     .meter = request.parameter("meter"),
                     .from = {},
                     .until = now(),
                     .as_of = now()};
  if (!request.parameter("customer")) return malformed("`customer` is missing");
  if (!wire::id_fault(asked.customer).empty())
    return std::unexpected(wrong_parameter("customer", asked.customer, "the `subject` of events"));
  const auto from = moment_parameter(request, "from");
  const auto until = moment_parameter(request, "until");
  for (const auto* read : {&from, &until})
    if (!*read) return std::unexpected(read->error());
  if (!*from) return malformed("`from` is missing");
  asked.from = **from;
  if (*until) asked.until = **until;
  if (asked.from >= asked.until) return malformed("`until` is not after `from`");
  if (const auto window = request.parameter("window")) {
    const auto* const found =
        std::ranges::find(kWindows, *window, [](auto& one) { return one.first; });
    if (found == kWindows.end())
      return std::unexpected(wrong_parameter("window", *window, "hour, day or month"));
    asked.window = found->second;
  }
  if (const auto fields = request.parameter("group_by")) {
    auto read = read_fields(*fields);
    if (!read) return std::unexpected(std::move(read.error()));
    asked.group_by = *std::move(read);
  }
  return asked;
}

/// An object whose names come from outside.
void write_named(std::string_view name, const std::optional<std::string>& value, bool first,
                 std::string& body) {
  if (!first) body += ',';
  wire::JsonWriter(body).text(name);
  body += ':';
  if (value)
    wire::JsonWriter(body).text(*value);
  else
    body += "null";
}

void write_row(const UsageRow& row, const std::vector<std::string>& fields,
               wire::JsonWriter& json) {
  json.begin_object().text("subscription", row.subscription).text("meter", row.meter);
  json.text("from", to_string(row.from)).text("until", to_string(row.until));
  std::string object;
  if (!row.at.empty()) {
    for (const auto& [dimension, value] : row.at)
      write_named(dimension, value, object.empty(), object);
    json.key("at").json("{" + object + "}");
  }
  if (!fields.empty()) {
    object.clear();
    for (size_t i = 0; i < fields.size(); ++i) write_named(fields[i], row.group[i], i == 0, object);
    json.key("group").json("{" + object + "}");
  }
  json.text("quantity", row.quantity.normalized().to_string()).text("unit", row.unit);
  if (row.pending != Decimal{}) json.text("pending", row.pending.normalized().to_string());
  json.end_object();
}

}  // namespace

Response show_usage(const CardFolder& folder, const engine::Engine& engine, std::string_view tenant,
                    const Request& request) {
  constexpr std::string_view kKnown[] = {"customer", "subscription", "meter",   "from",
                                         "until",    "window",       "group_by"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  const auto asked = read_usage_request(tenant, request);
  if (!asked) return asked.error();
  const auto rows = engine::usage_report(*folder.cards().get(), engine, *asked);
  if (!rows) return refused(rows.error());
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().text("customer", asked->customer);
  json.text("from", to_string(asked->from)).text("until", to_string(asked->until));
  json.key("usage").begin_array();
  for (const UsageRow& row : *rows) write_row(row, asked->group_by, json);
  json.end_array().end_object();
  return json_answer(std::move(body));
}

}  // namespace toll::server
