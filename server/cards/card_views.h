// What GET /v1/cards and GET /v1/cards/{card} say, as JSON.
#pragma once

#include <string>

#include "runtime/revision.h"
#include "server/card_folder.h"

namespace toll::server {

/// Every live card with its versions, and the errors and warnings of the folder's last load.
std::string card_list_json(const FolderStatus& status);

/// One version with its text, and the other versions of its card. Of a revision that is not live
/// any more `store` has the text; it may be null where `revision` is one of `status.cards`.
std::string card_json(const FolderStatus& status, const runtime::Revision& revision,
                      const RevisionStore* store);

}  // namespace toll::server
