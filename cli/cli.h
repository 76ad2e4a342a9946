// The program `toll`: command line to exit code.
#pragma once

namespace toll::cli {

/// Does what the command line says and returns the exit code. Results go to standard output,
/// diagnostics and mistakes to standard error.
int run(int argc, const char* const* argv);

}  // namespace toll::cli
