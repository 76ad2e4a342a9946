#include "cli/cli.h"

#include <cstdio>

#include "cli/line/card_verbs.h"
#include "cli/line/command_line.h"
#include "cli/line/data_verbs.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"

namespace toll::cli {

int run(int argc, const char* const* argv) {
  CommandLine line(argc > 0 ? argv[0] : "toll");
  CardVerbs cards(line);
  DataVerbs data(line);
  const int code = line.run(argc, argv);
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
  complain("the output could not be written");
  return code == kOk ? kFailed : code;
}

}  // namespace toll::cli
