// What is said about a folder after a load, given what was said before it.
#pragma once

#include <memory>
#include <string>

#include "runtime/loader.h"
#include "server/card_folder.h"
#include "server/cards/revision_store.h"

namespace toll::server {

/// `store` may be null; it knows since when a text is live that was so before the service started.
std::shared_ptr<const FolderStatus> next_status(const runtime::Loaded& loaded,
                                                const FolderStatus& before,
                                                const RevisionStore* store);

/// The file of that name; null where there is none.
const dsl::SourceFile* find_file(const std::vector<dsl::SourceFile>& files,
                                 std::string_view base_name);

}  // namespace toll::server
