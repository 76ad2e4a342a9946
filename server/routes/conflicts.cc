// GET /v1/events/conflicts: events that were refused because another has their id.
#include "engine/conflicts.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/secret.h"
#include "server/routes/answers.h"
#include "server/routes/events.h"
#include "server/routes/page.h"
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

void write_conflict(const engine::ConflictingEvent& event, wire::JsonWriter& json) {
  json.begin_object().text("source", event.source).text("id", event.id);
  json.key("refused").json(event.text).key("accepted").json(event.accepted).end_object();
}

}  // namespace

Response list_conflicts(const engine::Engine& engine, std::string_view tenant,
                        const Request& request) {
  constexpr std::string_view kKnown[] = {"cursor"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  const std::string asked = request.parameter("cursor").value_or("");
  const auto cursor = bytes_of(asked);
  if (!cursor) return wrong_parameter("cursor", asked, "the `cursor` of the page before");
  Page page("conflicts", {.entries = kPageConflicts, .bytes = kPageBytes});
  const auto read =
      engine::conflicts(engine, tenant, *cursor, [&](const engine::ConflictingEvent& event) {
        return page.add(event, write_conflict, [](const engine::ConflictingEvent& one) {
          return hexadecimal(one.cursor);
        });
      });
  return read ? page.answer() : unanswered(read.error());
}

}  // namespace toll::server
