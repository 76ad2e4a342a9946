// The HTTP interface of a folder of cards: quotes, explanations, and what is live.
//
//   POST /v1/quotes            usage document -> answer
//   POST /v1/quotes/batch      application/x-ndjson: a usage document a line in, an answer a line
//   out POST /v1/explain           the same, each line with its derivation GET  /v1/cards every
//   card with its versions, and what is wrong in the folder GET  /v1/cards/{card}?on=  one
//   version's text, hash and state GET  /healthz              the process serves
//
// What cannot be answered is a problem document (RFC 9457) whose `errors` point at the place: 400
// for a body that is no usage document, 404 where there is no such card, version or revision, 422
// for a document that does not fit its card.
//
// A quantity is below 10^18 with at most 18 places, and so is the sum of the quantities of one
// cell; the largest body is the server's limit (http/server.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "http/server.h"
#include "server/card_folder.h"
#include "server/decision_log.h"
#include "server/tenants.h"

namespace toll::server {

/// What the service does beside answering.
struct QuoteHooks {
  /// Told of further requests that a caller's batch stands for; may be empty.
  std::function<void(std::string_view caller, uint64_t requests)> charge = {};
  /// Gets every quote that is answered; may be null.
  DecisionLog* decisions = nullptr;
};

/// Any number of the server's threads answer at once; each request is rated on the set of its
/// tenant's cards that was live when it began. Keeps no state of its own.
class QuoteService {
 public:
  /// `folder`, and what the hooks refer to, must outlive every server that this is added to.
  explicit QuoteService(FolderOf folder, QuoteHooks hooks = {})
      : folder_(folder), hooks_(std::move(hooks)) {}

  /// Adds the routes above. REQUIRES: the server is not started.
  void add_to(http::Server& server) const;

 private:
  const FolderOf folder_;
  const QuoteHooks hooks_;
};

}  // namespace toll::server
