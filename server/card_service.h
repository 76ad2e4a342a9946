// The HTTP interface for whoever changes cards.
//
//   PUT   /v1/cards/{card}/{from}            a version's file (text/plain)
//   POST  /v1/cards/{card}/{from}/rollback   its text as it was before
//   PATCH /v1/cards                          several files together (application/merge-patch+json)
//   POST  /v1/cards/check?file=              what would come of a text; nothing changes
//
// A change is made whole or not at all: 422 with the diagnostics where the text is in error, an
// example of it fails, or it puts another version in error; 409 where the file is not the one that
// If-Match names, 428 where a file would be replaced without If-Match; 507 where it cannot be
// written.
#pragma once

#include "http/server.h"
#include "server/tenants.h"

namespace toll::server {

/// Any number of the server's threads ask; changes are made one at a time.
class CardService {
 public:
  /// What `folder` was made of must outlive every server that this is added to.
  explicit CardService(FolderOf folder) : folder_(folder) {}

  /// Adds the routes above. REQUIRES: the server is not started.
  void add_to(http::Server& server) const;

 private:
  const FolderOf folder_;
};

}  // namespace toll::server
