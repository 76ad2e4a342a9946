#include "server/routes/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "server/event_log.h"
#include "wire/problem_json.h"
#include "wire/text.h"

namespace toll::server {

http::Response json_answer(std::string body) {
  return {200, std::string(kJson), std::move(body), {}};
}

http::Response problem(int status, std::string_view detail,
                       std::span<const runtime::UsageFault> faults) {
  const wire::ProblemHead head{status, http::reason_phrase(status), detail};
  return {status, "application/problem+json", wire::problem_json(head, faults), {}};
}

std::optional<http::Response> refuse_parameters(const http::Request& request,
                                                std::span<const std::string_view> known) {
  std::set<std::string> seen;
  for (const auto& [name, value] : request.parameters()) {
    if (std::ranges::find(known, name) == known.end())
      return http::problem(400, fmt::format("there is no parameter `{}`", wire::shown(name)));
    if (!seen.insert(name).second)
      return http::problem(400, fmt::format("the parameter `{}` is given twice", name));
  }
  return std::nullopt;
}

http::Response wrong_parameter(std::string_view name, std::string_view value,
                               std::string_view like) {
  return http::problem(400, fmt::format("`{}` is not understood: write `{}` like {}",
                                        wire::shown(value), name, like));
}

std::optional<http::Response> refuse_customer(std::string_view customer) {
  if (wire::id_fault(customer).empty()) return std::nullopt;
  return http::problem(404, fmt::format("there is no customer `{}`", wire::shown(customer)));
}

std::expected<std::optional<Instant>, http::Response> moment_parameter(const http::Request& request,
                                                                       std::string_view name) {
  const auto text = request.parameter(name);
  if (!text) return std::nullopt;
  const auto moment = parse_instant(*text);
  if (!moment) return std::unexpected(wrong_parameter(name, *text, "2026-03-31T12:00:00Z"));
  return moment;
}

std::expected<std::optional<bool>, http::Response> flag_parameter(const http::Request& request,
                                                                  std::string_view name) {
  const auto text = request.parameter(name);
  if (!text) return std::nullopt;
  if (*text != "true" && *text != "false")
    return std::unexpected(wrong_parameter(name, *text, "true or false"));
  return *text == "true";
}

http::Response refused(const engine::NoBill& why) {
  using Kind = engine::NoBill::Kind;
  switch (why.kind) {
    case Kind::NotFound:
      return problem(404, why.message, why.faults);
    case Kind::Ambiguous:
    case Kind::GoesOn:
    case Kind::Unfit:
      return problem(422, why.message, why.faults);
    case Kind::Unanswered:
      break;
  }
  return unanswered({engine::Unanswered::Kind::Failed, why.message});
}

Instant now() {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

http::Response unanswered(const engine::Unanswered& why) {
  using Kind = engine::Unanswered::Kind;
  if (why.kind != Kind::Busy) log_event(LogLevel::Error, "storage", {{"text", why.message}});
  http::Response response =
      why.kind == Kind::Busy   ? http::problem(429, "too many events wait: send this again later")
      : why.kind == Kind::Full ? http::problem(507, "the disk of the service is full")
                               : http::problem(503, "the storage of the service fails now");
  response.headers.emplace_back("Retry-After", why.kind == Kind::Busy ? "1" : "10");
  return response;
}

}  // namespace toll::server
