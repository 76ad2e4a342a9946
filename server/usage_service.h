// The HTTP interface of the engine: events in, subscriptions, live bills.
//
//   POST /v1/events            CloudEvents: application/cloudevents+json (one),
//                              application/cloudevents-batch+json, application/x-ndjson
//   POST /v1/events/retract    {"source", "id", "reason"}: takes an event back
//   GET  /v1/events            ?customer=&from=&until=&unmetered=&cursor=: the record
//   PUT  /v1/customers/{customer}/subscriptions/{subscription}
//   GET  /v1/customers/{customer}/subscriptions
//   GET  /v1/customers/{customer}/subscriptions/{subscription}
//   GET  /v1/customers/{customer}/bill   ?period=&subscription=&as_of=
//
// An event is acknowledged when it is on the disk. 429 (with Retry-After) where too many wait for
// it, 507 where the disk is full, 503 where it fails: the same request may then be sent again.
#pragma once

#include "engine/engine.h"
#include "http/server.h"
#include "server/card_folder.h"

namespace toll::server {

/// Any number of the server's threads answer at once. Without keys there is one tenant, `default`.
class UsageService {
 public:
  /// Both must outlive every server that this is added to.
  UsageService(const CardFolder& folder, engine::Engine& engine)
      : folder_(folder), engine_(engine) {}

  /// Adds the routes above. REQUIRES: the server is not started.
  void add_to(http::Server& server) const;

 private:
  const CardFolder& folder_;
  engine::Engine& engine_;
};

}  // namespace toll::server
