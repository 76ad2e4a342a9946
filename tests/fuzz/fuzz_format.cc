// Any bytes are a file: what parses is formatted, the result says the same and stays as it is.
// Without mistakes but those that formatting mends, only a line that would become too long may be a
// reason to refuse.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dsl/format.h"
#include "dsl/parse.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace toll::dsl;
  const SourceFile file{"fuzz.toll", std::string(reinterpret_cast<const char*>(data), size)};
  const auto result = format(file);
  if (!result) {
    for (const Diagnostic& d : result.error().diagnostics) require(!render(d, {&file, 1}).empty());
    require(!result.error().diagnostics.empty() || size > ParseLimits{}.line_bytes_max / 2);
    return 0;
  }
  const SourceFile again{"fuzz.toll", *result};
  require(parse(again, 0).diagnostics.empty());
  const auto twice = format(again);
  require(twice && *twice == *result);
  require(!result->contains('\t') && !result->contains('\r') && !result->contains(" \n"));
  require(!result->contains("\n\n\n"));
  return 0;
}
