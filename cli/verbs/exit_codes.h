// Exit codes: what scripts and CI hold on to. Do not change these values.
#pragma once

namespace toll::cli {

enum ExitCode : int {
  kOk = 0,
  kFailed = 1,         ///< a card is in error, an example fails, a file cannot be read
  kUnfit = 2,          ///< the usage document is malformed or does not fit the card; no such code
  kWarnings = 3,       ///< `toll check --strict` with warnings only
  kWouldChange = 11,   ///< `toll fmt --check` with files that are not in canonical form
  kWrongCommand = 64,  ///< the command line makes no sense (EX_USAGE of sysexits.h)
};

}  // namespace toll::cli
