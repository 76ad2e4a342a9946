// Any bytes are a file: parsing and rendering must end, stay within the limits, and place every
// diagnostic and every node inside the text.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dsl/parse.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace toll::dsl;
  SourceFile file{"fuzz.toll", std::string(reinterpret_cast<const char*>(data), size)};
  Parsed parsed = parse(file, 0);
  require(parsed.diagnostics.size() <= ParseLimits{}.diagnostics_max + 1);
  for (const Diagnostic& d : parsed.diagnostics) {
    Span span = d.primary.place.span;
    require(span.begin <= span.end && span.begin <= size);
    std::string text = render(d, {&file, 1});
    require(text.ends_with('\n') && !text.contains('\x1B'));
  }
  for (const auto& declaration : parsed.tree.declarations) {
    Span span = std::visit([](const auto& d) { return d.span; }, declaration);
    require(span.begin < span.end && span.end <= size);
  }
  // Layout carries no meaning: the tokens alone are the same declarations. Only the name of a time
  // zone is told by its lack of blanks.
  if (!parsed.diagnostics.empty() || file.text.contains('/')) return 0;
  ParseLimits wide;
  wide.bytes_max = wide.line_bytes_max = 1 << 30;
  std::string canonical = canonical_tokens(file.text, {0, static_cast<uint32_t>(size)});
  Parsed again = parse({"canonical.toll", canonical}, 0, wide);
  require(again.tree.declarations.size() == parsed.tree.declarations.size());
  for (const Diagnostic& d : again.diagnostics) require(d.code == "E003");
  require(canonical_tokens(canonical, {0, static_cast<uint32_t>(canonical.size())}) == canonical);
  return 0;
}
