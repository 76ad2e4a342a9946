// POST /v1/events, POST /v1/events/retract and GET /v1/events.
#pragma once

#include "engine/engine.h"
#include "http/message.h"
#include "server/card_folder.h"

namespace toll::server {

/// Events that one request may hold; its body is bounded too.
inline constexpr size_t kEventsMax = 10'000;
inline constexpr size_t kEventsBytesMax = size_t{8} << 20;

/// Of one answer with recorded events, whichever comes first.
inline constexpr size_t kPageEvents = 1'000;
inline constexpr size_t kPageBytes = size_t{4} << 20;

inline constexpr std::string_view kOneEvent = "application/cloudevents+json";
inline constexpr std::string_view kEventBatch = "application/cloudevents-batch+json";
inline constexpr std::string_view kEventLines = "application/x-ndjson";

/// Events in any of these media types, or one in binary mode: its attributes in headers, its data
/// as kJson.
http::Response take_events(const CardFolder& folder, engine::Engine& engine,
                           std::string_view tenant, const http::Request& request);

http::Response list_events(const engine::Engine& engine, std::string_view tenant,
                           const http::Request& request);

http::Response retract_event(engine::Engine& engine, std::string_view tenant,
                             const http::Request& request);

}  // namespace toll::server
