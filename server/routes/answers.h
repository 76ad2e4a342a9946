// Answers that the routes have in common.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/engine.h"
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

/// Why the engine gave no answer: 429, 503 or 507, each with Retry-After.
http::Response unanswered(const engine::Unanswered& why);

}  // namespace toll::server
