// What came before a period, as documents and answers write it.
#pragma once

#include <span>
#include <string_view>

#include "runtime/usage.h"
#include "wire/json_writer.h"

namespace toll::wire {

/// `"used_to_date": {"api_calls": "700000"}`; nothing where there is nothing.
void write_to_date(JsonWriter& json, std::string_view name,
                   std::span<const runtime::UsageDocument::ToDate> values);

/// `"grants": [{"pool": "compute", "quantity": "500"}]`; nothing where there is nothing.
void write_grants(JsonWriter& json, std::span<const runtime::Grant> grants);

}  // namespace toll::wire
