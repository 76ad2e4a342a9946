#include "engine/conflicts.h"

#include <utility>
#include <vector>

#include "engine/storage/event_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "engine/writing/writer.h"

namespace toll::engine {
namespace {

/// A conflict by its key and row; the accepted event is looked up. Empty where a row is damaged.
std::expected<std::optional<ConflictingEvent>, StoreError> read(const View& view,
                                                                std::string_view tenant,
                                                                std::string_view rest,
                                                                std::string_view value) {
  Parts parts(rest);
  ConflictingEvent event{.cursor = std::string(rest)};
  event.source = parts.name();
  event.id = parts.name();
  const auto row = read_event_row(value);
  if (!parts.good() || !row) return std::nullopt;
  event.text = row->text;
  const auto identity = view.get(Table::Identities, identity_key(tenant, event.source, event.id));
  if (!identity) return std::unexpected(identity.error());
  const auto place = *identity ? read_identity(**identity) : std::nullopt;
  if (!place) return std::nullopt;
  const auto accepted = view.get(
      Table::Events, event_key(tenant, place->row.customer, place->row.time, place->row.position));
  if (!accepted) return std::unexpected(accepted.error());
  std::vector<StoredEvent> events;
  const bool good = *accepted && read_events(place->row, **accepted, events);
  const StoredEvent* const accepted_event = good ? event_of(*place, events) : nullptr;
  if (!accepted_event) return std::nullopt;
  event.accepted = accepted_event->row.text;
  event.accepted_customer = place->row.customer;
  return event;
}

}  // namespace

Answered<void> conflicts(const Engine& engine, std::string_view tenant, std::string_view cursor,
                         const std::function<bool(const ConflictingEvent&)>& visit) {
  const auto view = engine.store().snapshot();
  const KeyRange all = conflicts_of(tenant);
  const std::string from =
      cursor.empty() ? all.from : all.from + std::string(cursor) + std::string(1, '\0');
  Answered<void> answered;
  const auto scanned =
      view->scan(Table::State, from, all.until, [&](std::string_view key, std::string_view value) {
        const auto event = read(*view, tenant, key.substr(all.from.size()), value);
        if (event && *event) return visit(**event);
        answered = std::unexpected(unanswered(
            event ? damaged(Table::State, "a conflict, or what came before") : event.error()));
        return false;
      });
  if (!scanned) return std::unexpected(unanswered(scanned.error()));
  return answered;
}

}  // namespace toll::engine
