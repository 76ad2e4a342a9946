// A period as it was rated, and what bills take of the answer.
#pragma once

#include <string>
#include <string_view>

#include "base/int128.h"
#include "engine/closing.h"
#include "runtime/answer.h"
#include "runtime/usage.h"

namespace toll::engine {

/// Whether lines come with their steps.
enum class Steps { None, Shown };

struct RatedUsage {
  runtime::UsageDocument usage;
  runtime::Answer answer;
};

/// An amount in minor units, as answers write it.
std::string money(Int128 minor, std::string_view currency);

/// In minor units.
Int128 total_of(const runtime::Answer& answer);

/// As JSON.
std::string text_of(const runtime::Answer& answer);

/// As it was closed.
Bill bill_of_closed(const ClosedPeriod& closed);

}  // namespace toll::engine
