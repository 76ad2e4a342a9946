// Exit codes: what scripts and CI hold on to. Do not change these values.
#pragma once

namespace toll::cli {

enum ExitCode : int {
  kOk = 0,
  kFailed = 1,         ///< a card is in error, an example fails, a file cannot be read
  kUnfit = 2,          ///< the usage document is malformed or does not fit the card; no such code
  kDiffers = 2,        ///< `toll diff`: the sides differ
  kWarnings = 3,       ///< `toll check --strict` with warnings only
  kBelowCoverage = 4,  ///< `toll cover` with less than --min or --min-bounds
  kRefuted = 6,        ///< `toll prove` with a guarantee that fails
  kMismatch = 7,       ///< `toll audit`: what is kept does not follow from the events; `toll
                       ///< replay`: a quote is not the one that was given
  kNewAmounts = 10,    ///< `toll test --update` wrote new amounts
  kWouldChange = 11,   ///< `toll fmt --check` with files that are not in canonical form
  kWrongCommand = 64,  ///< the command line makes no sense (EX_USAGE of sysexits.h)
};

}  // namespace toll::cli
