// The description of every route in OpenAPI 3.1: openapi.json, paths/ and components/ of this folder
// as one document, built into the program.
#pragma once

#include <string_view>

namespace toll::server {

std::string_view openapi_document();

}  // namespace toll::server
