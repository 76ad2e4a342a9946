// Answers that the routes have in common.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "engine/engine.h"
#include "engine/live_bill.h"
#include "http/message.h"
#include "runtime/usage.h"

namespace toll::server {

inline constexpr std::string_view kJson = "application/json";

http::Response json_answer(std::string body);

/// A problem document whose `errors` are the faults.
http::Response problem(int status, std::string_view detail,
                       std::span<const runtime::UsageFault> faults);

/// A query parameter that the route does not read would be ignored in silence; so it is refused,
/// and so is one that stands twice.
std::optional<http::Response> refuse_parameters(const http::Request& request,
                                                std::span<const std::string_view> known = {});

/// 400: a query parameter whose value means nothing; `like` says how one is written.
http::Response wrong_parameter(std::string_view name, std::string_view value,
                               std::string_view like);

/// 404 for what is no id of a customer.
std::optional<http::Response> refuse_customer(std::string_view customer);

/// A moment of a query parameter; empty where there is none.
std::expected<std::optional<Instant>, http::Response> moment_parameter(const http::Request& request,
                                                                       std::string_view name);

/// `true` or `false` of a query parameter; empty where there is none.
std::expected<std::optional<bool>, http::Response> flag_parameter(const http::Request& request,
                                                                  std::string_view name);

/// Why there is no bill, and nothing that is counted like one.
http::Response refused(const engine::NoBill& why);

/// The moment of a request.
Instant now();

/// Why the engine gave no answer: 429, 503 or 507, each with Retry-After.
http::Response unanswered(const engine::Unanswered& why);

}  // namespace toll::server
