// The service's log: one line an event, `time level event name=value name="value with blanks"`, on
// standard error.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace toll::server {

enum class LogLevel { Info, Warning, Error };

/// Any thread. `event` and the names are words; values may be any text, and never break the line.
void log_event(LogLevel level, std::string_view event,
               std::initializer_list<std::pair<std::string_view, std::string>> fields);

}  // namespace toll::server
