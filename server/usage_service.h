// The HTTP interface of the engine: events in, customers, usage and live bills out.
//
//   POST /v1/events            CloudEvents: application/cloudevents+json (one),
//                              application/cloudevents-batch+json, application/x-ndjson, or one in
//                              binary mode (ce-* headers, application/json);
//                              ?cost=true: what each accepted one costs
//   POST /v1/events/retract    {"source", "id", "reason"}: takes an event back
//   GET  /v1/events            ?customer=&from=&until=&unmetered=&...&cursor=: the record
//   GET  /v1/events/conflicts  ?cursor=: events that have the id of another
//   GET  /v1/completeness      ?from=&until=&silence=&cursor=: what is missing of each source
//   GET  /v1/usage             ?customer=&meter=&from=&until=&window=&group_by=
//   GET  /v1/customers         ?cursor=: those that were set
//   PUT, GET .../{customer}    what holds for one
//   GET  .../subscriptions     of a customer
//   PUT, GET .../subscriptions/{subscription}
//   POST, GET .../grants       credits, or money, that were bought; what is left in the pools
//   GET  .../bill              ?period=&subscription=&as_of=&explain=: the live bill
//   GET  .../periods           ?subscription=: those that were closed
//   POST /v1/periods/close     {"customer", "subscription", "period"}: bills a period for good
//   POST /v1/periods/close/all {"period"}: the same for all customers, a line for each subscription
//   GET  .../stream            ?period=&subscription=: the bill, again on every change
//
// An event is acknowledged when it is on the disk. 429 (with Retry-After) where too many wait for
// it, 507 where the disk is full, 503 where it fails: the same request may then be sent again.
#pragma once

#include <utility>

#include "engine/engine.h"
#include "http/server.h"
#include "server/stream_options.h"
#include "server/tenants.h"

namespace toll::server {

/// Any number of the server's threads answer at once. A request sees its tenant and nothing else.
class UsageService {
 public:
  /// What `folder` was made of and `engine` must outlive every server that this is added to.
  UsageService(FolderOf folder, engine::Engine& engine, StreamOptions streams = {})
      : folder_(folder), engine_(engine), streams_(std::move(streams)) {}

  /// Adds the routes above. REQUIRES: the server is not started.
  void add_to(http::Server& server) const;

 private:
  void add_events(http::Server& server) const;
  void add_customers(http::Server& server) const;

  const FolderOf folder_;
  engine::Engine& engine_;
  const StreamOptions streams_;
};

}  // namespace toll::server
