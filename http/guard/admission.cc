#include "http/guard/admission.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include "http/text/syntax.h"

namespace toll::http {
namespace {

/// The fields that say where a request ends and how its body is to be read.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  std::string_view length;
  std::string_view coding;
  std::string_view content_type;
};

/// Length in bytes; UINT64_MAX for one that is larger still, nothing for what is no number.
std::optional<uint64_t> parse_length(std::string_view text) {
  uint64_t length = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (end != text.data() + text.size() || fault == std::errc::invalid_argument) return {};
  return fault == std::errc::result_out_of_range ? UINT64_MAX : length;
}

std::optional<Response> read_framing(std::span<const Field> fields, Framing& framing) {
  for (const Field& field : fields) {
    const auto is = [&](std::string_view name) { return equal_ignoring_case(field.name, name); };
    if (is("Host")) {
      ++framing.hosts;
    } else if (is("Content-Length")) {
      ++framing.lengths;
      framing.length = field.value;
    } else if (is("Transfer-Encoding")) {
      ++framing.codings;
      framing.coding = field.value;
    } else if (is("Content-Type")) {
      framing.content_type = field.value;
    } else if (is("Content-Encoding")) {
      return problem(415, "a body has to be sent without a Content-Encoding");
    } else if (is("Expect") && !equal_ignoring_case(field.value, "100-continue")) {
      return problem(417, "Expect may only ask for 100-continue");
    }
  }
  return std::nullopt;
}

std::optional<Response> check_framing(const Framing& framing, bool old_version) {
  if (framing.hosts > 1) return problem(400, "there is more than one Host");
  if (framing.hosts == 0 && !old_version) return problem(400, "Host is missing");
  if (framing.lengths + framing.codings > 1) {
    return problem(400, "the length of the body is given more than once");
  }
  if (framing.codings > 0 && old_version) {
    return problem(400, "HTTP/1.0 has no Transfer-Encoding");
  }
  if (framing.codings > 0 && !equal_ignoring_case(framing.coding, "chunked")) {
    return problem(501, "Transfer-Encoding may only be chunked");
  }
  if (framing.lengths > 0 && !parse_length(framing.length)) {
    return problem(400, "Content-Length is not a number");
  }
  return std::nullopt;
}

std::optional<Response> split_target(std::string_view target, Admission& admission) {
  const size_t mark = target.find('?');
  admission.path = target.substr(0, mark);
  admission.query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  const bool printable = std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7f; });
  if (!target.starts_with('/') || !printable || !is_percent_encoded(target)) {
    return problem(400, "the target is not a percent-encoded path");
  }
  const std::string_view fault = admission.decoded.assign(admission.path);
  if (!fault.empty()) return problem(400, fault);
  return std::nullopt;
}

Response not_routed(std::string_view method, std::string allowed) {
  if (allowed.empty()) return problem(404, "there is nothing at this path");
  if (method == "OPTIONS") return {204, "", "", {{"Allow", std::move(allowed)}}};
  Response answer = problem(405, "this path has " + allowed);
  answer.headers.emplace_back("Allow", std::move(allowed));
  return answer;
}

std::optional<Response> check_content_type(std::string_view given,
                                           const std::vector<std::string>& accepted) {
  const std::string_view type = trim(given.substr(0, given.find(';')));
  if (accepted.empty()) {
    // The library takes a form apart and leaves no body of it.
    if (!equal_ignoring_case(type, "multipart/form-data")) return std::nullopt;
    return problem(415, "the body may not be of type `multipart/form-data`");
  }
  std::string list;
  for (const std::string& expected : accepted) {
    if (equal_ignoring_case(type, expected)) return std::nullopt;
    list += (list.empty() ? "`" : " or `") + expected + "`";
  }
  return problem(415, given.empty() ? "Content-Type is missing: the body has to be of type " + list
                                    : "the body has to be of type " + list);
}

}  // namespace

std::optional<Response> find_route(const httplib::Request& request, const Router& router,
                                   Admission& admission) {
  admission.fields.clear();
  admission.ends_clearly = false;
  for (const auto& [name, value] : request.headers) admission.fields.push_back({name, value});
  Framing framing;
  if (auto refusal = read_framing(admission.fields, framing)) return refusal;
  const bool old_version = request.version == "HTTP/1.0";
  if (auto refusal = check_framing(framing, old_version)) return refusal;
  admission.length = framing.lengths > 0 ? *parse_length(framing.length) : 0;
  admission.has_body = admission.length > 0 || framing.codings > 0;
  admission.content_type = framing.content_type;
  admission.ends_clearly = true;

  if (!is_known_method(request.method)) {
    return problem(501, "this service does not know the method");
  }
  if (auto refusal = split_target(request.target, admission)) return refusal;
  const auto segments = admission.decoded.segments();
  admission.route = router.find(request.method, segments, admission.captures);
  if (!admission.route) return not_routed(request.method, router.allowed(segments));
  if (admission.route->duplex && old_version) {
    return problem(505, "an answer that is a stream needs HTTP/1.1");
  }
  return std::nullopt;
}

std::optional<Response> check_body(const Limits& limits, Admission& admission) {
  const RouteOptions& wanted = *admission.route->options;
  if (admission.has_body) {
    if (auto refusal = check_content_type(admission.content_type, wanted.content_types)) {
      return refusal;
    }
  }
  admission.body_bytes_max =
      wanted.body_bytes_max > 0 ? wanted.body_bytes_max : limits.body_bytes_max;
  if (admission.length > admission.body_bytes_max) {
    return body_too_large(admission.body_bytes_max);
  }
  return std::nullopt;
}

Response body_too_large(size_t bytes_max) {
  return problem(413, "the body takes more than " + std::to_string(bytes_max) + " bytes");
}

}  // namespace toll::http
