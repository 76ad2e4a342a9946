// GET /v1/events/conflicts: events that were refused because another has their id.
#include "engine/conflicts.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/secret.h"
#include "server/routes/answers.h"
#include "server/routes/events.h"
#include "server/routes/usage.h"
#include "wire/json_writer.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;

std::optional<std::string> bytes_of(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    uint8_t byte = 0;
    const char* const end = digits.data() + i + 2;
    if (std::from_chars(digits.data() + i, end, byte, 16).ptr != end) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace

Response list_conflicts(const engine::Engine& engine, std::string_view tenant,
                        const Request& request) {
  constexpr std::string_view kKnown[] = {"cursor"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  const std::string asked = request.parameter("cursor").value_or("");
  const auto cursor = bytes_of(asked);
  if (!cursor) return wrong_parameter("cursor", asked, "the `cursor` of the page before");
  std::string body, last;
  wire::JsonWriter json(body);
  json.begin_object().key("conflicts").begin_array();
  size_t conflicts = 0;
  bool more = false;
  const auto read =
      engine::conflicts(engine, tenant, *cursor, [&](const engine::ConflictingEvent& event) {
        more = conflicts == kPageConflicts || body.size() >= kPageBytes;
        if (more) return false;
        json.begin_object().text("source", event.source).text("id", event.id);
        json.key("refused").json(event.text).key("accepted").json(event.accepted).end_object();
        ++conflicts;
        last = event.cursor;
        return true;
      });
  if (!read) return unanswered(read.error());
  json.end_array();
  if (more) json.text("cursor", hexadecimal(last));
  json.end_object();
  return json_answer(std::move(body));
}

}  // namespace toll::server
