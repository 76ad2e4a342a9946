#include "server/card_service.h"

#include <string>

#include "server/routes/cards.h"

namespace toll::server {

void CardService::add_to(http::Server& server) const {
  const std::string writes = "cards:write";
  const http::RouteOptions takes_text{
      .body_bytes_max = kCardBytesMax, .content_types = {std::string(kPlainText)}, .scope = writes};
  const std::string version = "/v1/cards/{card}/{from}";
  server.route("PUT", version, with_cards(folder_, put_card), takes_text);
  const http::RouteOptions takes_files{.body_bytes_max = kChangeBytesMax,
                                       .content_types = {std::string(kMergePatch)},
                                       .scope = writes};
  server.route("POST", version + "/rollback", with_cards(folder_, roll_back), takes_files);
  server.route("POST", "/v1/cards/check", with_cards(folder_, check_card), takes_text);
  server.route("PATCH", "/v1/cards", with_cards(folder_, patch_cards), takes_files);
}

}  // namespace toll::server
