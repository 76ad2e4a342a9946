#include "cli/output/version.h"

namespace toll::cli {

std::string_view version() { return TOLL_VERSION; }

}  // namespace toll::cli
