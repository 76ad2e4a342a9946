// The live bill of a customer: once, and as server-sent events on every change.
#pragma once

#include <optional>
#include <string_view>

#include "base/date.h"
#include "engine/closing.h"
#include "engine/engine.h"
#include "http/server.h"
#include "server/stream_options.h"
#include "server/tenants.h"

namespace toll::server {

/// A month, or a day of a billing period.
std::optional<Date> day_of_period(std::string_view text);
inline constexpr std::string_view kLikePeriod = "2026-03, or a day in it like 2026-03-31";

http::Response bill_answer(const engine::Bill& bill);

http::Response show_bill(const CardFolder& folder, const engine::Engine& engine,
                         std::string_view tenant, const http::Request& request);

/// Adds GET /v1/customers/{customer}/stream. REQUIRES: what `folder` was made of and `engine`
/// outlive the server.
void add_stream_route(http::Server& server, FolderOf folder, const engine::Engine& engine,
                      StreamOptions options);

}  // namespace toll::server
