// Another program and what it prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toll::cli {

/// Runs a program of the PATH to its end, without a shell, and returns its standard output. An
/// Error where it cannot be run or fails, with what it said. REQUIRES: `command` is not empty.
Result<std::string> run_program(const std::vector<std::string>& command, std::string_view input);

}  // namespace toll::cli
