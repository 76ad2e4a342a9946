// Changes of cards over HTTP. The folder stays the one truth: what is accepted is written into it.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"
#include "runtime/revision.h"
#include "server/card_folder.h"

namespace toll::server {

/// One file may have so many bytes, and so many together.
inline constexpr size_t kCardBytesMax = size_t{1} << 20;
inline constexpr size_t kChangeBytesMax = size_t{16} << 20;

inline constexpr std::string_view kPlainText = "text/plain";
inline constexpr std::string_view kMergePatch = "application/merge-patch+json";

/// A tag as a header has it, in quotes.
std::string entity_tag(std::string_view tag);

/// One version with its text; `ETag` names the text of its file.
http::Response card_answer(const CardFolder& folder, const FolderStatus& status,
                           const runtime::Revision& revision);

/// PUT /v1/cards/{card}/{from}
http::Response put_card(CardFolder& folder, const http::Request& request);

/// POST /v1/cards/{card}/{from}/rollback
http::Response roll_back(CardFolder& folder, const http::Request& request);

/// PATCH /v1/cards: several files together
http::Response patch_cards(CardFolder& folder, const http::Request& request);

/// POST /v1/cards/check?file=
http::Response check_card(const CardFolder& folder, const http::Request& request);

}  // namespace toll::server
