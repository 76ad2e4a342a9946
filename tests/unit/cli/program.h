// Runs the built program as a user would.
#pragma once

#include <string>
#include <string_view>

namespace toll::cli {

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

/// `toll ARGUMENTS` by the shell, from the root of the repository, with `input` on standard input.
Outcome toll(const std::string& arguments, std::string_view input = {});

/// A line of shell, as pasted. Of the environment's variables that verbs heed it sees none: what a
/// test expects does not depend on where it runs.
Outcome shell(const std::string& line, std::string_view input = {});

}  // namespace toll::cli
