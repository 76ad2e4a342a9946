#include "server/card_service.h"

#include <string>

#include "server/routes/cards.h"

namespace toll::server {

using http::Request;

void CardService::add_to(http::Server& server) const {
  CardFolder& folder = folder_;
  const std::string writes = "cards:write";
  const http::RouteOptions takes_text{
      .body_bytes_max = kCardBytesMax, .content_types = {std::string(kPlainText)}, .scope = writes};
  const std::string version = "/v1/cards/{card}/{from}";
  server.route(
      "PUT", version, [&folder](const Request& request) { return put_card(folder, request); },
      takes_text);
  server.route("POST", version + "/rollback",
               [&folder](const Request& request) { return roll_back(folder, request); },
               {.scope = writes});
  server.route(
      "POST", "/v1/cards/check",
      [&folder](const Request& request) { return check_card(folder, request); }, takes_text);
  server.route("PATCH", "/v1/cards",
               [&folder](const Request& request) { return patch_cards(folder, request); },
               {.body_bytes_max = kChangeBytesMax,
                .content_types = {std::string(kMergePatch)},
                .scope = writes});
}

}  // namespace toll::server
