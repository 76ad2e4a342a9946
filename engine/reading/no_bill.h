// Why there is no bill, from what other rooms say.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "engine/engine.h"
#include "engine/live_bill.h"

namespace toll::engine {

inline std::unexpected<NoBill> no_bill(NoBill::Kind kind, std::string message) {
  return std::unexpected(NoBill{kind, std::move(message)});
}

inline NoBill no_bill(const Unanswered& why) { return {NoBill::Kind::Unanswered, why.message}; }

inline NoBill no_bill(runtime::Refusal refusal) {
  NoBill result{refusal.kind == runtime::Refusal::Kind::NotFound ? NoBill::Kind::NotFound
                                                                 : NoBill::Kind::Unfit,
                refusal.faults.front().message};
  result.faults = std::move(refusal.faults);
  return result;
}

}  // namespace toll::engine
