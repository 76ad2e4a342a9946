// What is asked of a request between its head and its body: that there is one way to read it, and a
// route that wants it.
//
// Two programs that read the same bytes differently are what request smuggling is made of. The
// library reads heads tolerantly; what it lets pass and another program could read otherwise is
// refused here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "http/library/cpp_httplib.h"
#include "http/message.h"
#include "http/route/decoded_path.h"
#include "http/route/router.h"
#include "http/server.h"

namespace toll::http {

/// What the checks found out. Views into the library's request.
struct Admission {
  std::string_view path;
  std::string_view query;
  std::vector<Field> fields;
  DecodedPath decoded;
  std::vector<Field> captures;
  const Route* route = nullptr;
  uint64_t length = 0;  ///< of the body, as it is said to be; 0 where its chunks say it
  bool has_body = false;
  bool ends_clearly = false;  ///< there is one way to tell where the request ends
  std::string_view content_type;
  size_t body_bytes_max = 0;
};

/// The answer to a request that does not get further, which may also be a friendly one to OPTIONS;
/// or nothing, and the route is in `admission`. That is a parameter so that a thread keeps the
/// memory of its vectors.
std::optional<Response> find_route(const httplib::Request& request, const Router& router,
                                   Admission& admission);

/// The same for what the route says about bodies. REQUIRES: find_route() had no answer.
std::optional<Response> check_body(const Limits& limits, Admission& admission);

/// The answer to a body beyond admission.body_bytes_max.
Response body_too_large(size_t bytes_max);

}  // namespace toll::http
