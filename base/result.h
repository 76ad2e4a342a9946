// Machine failures (a file that cannot be read, a compiler that gives up) as values.
// What a user wrote wrongly is a dsl::Diagnostic instead, never an Error.
#pragma once

#include <expected>
#include <string>

namespace toll {

/// One sentence for an operator: lower case, no full stop.
struct Error {
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace toll
