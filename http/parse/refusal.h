// Why a request is not answered by a handler.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toll::http {

/// Becomes a problem document. Whether the connection can go on is for its owner to say: after a
/// fault in head or body nobody knows where the next request begins.
struct Refusal {
  int status;
  std::string detail;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

}  // namespace toll::http
