// Events that were refused because another has their source and id: kept to be looked at, and
// counted nowhere.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace toll::engine {

struct ConflictingEvent {
  std::string cursor = {};  ///< names it, for the next question
  std::string source = {}, id = {};
  std::string text = {};  ///< as it was sent
  /// The event that has this source and id, and its customer.
  std::string accepted = {}, accepted_customer = {};
};

/// Those of a tenant in the order of their sources and ids, from behind `cursor` on, until `visit`
/// says false. Any thread.
Answered<void> conflicts(const Engine& engine, std::string_view tenant, std::string_view cursor,
                         const std::function<bool(const ConflictingEvent&)>& visit);

}  // namespace toll::engine
