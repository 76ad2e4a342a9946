#include "dsl/parse.h"

#include <limits>

#include "dsl/assembly/assembler.h"
#include "dsl/scan/faults.h"

namespace toll::dsl {

Parsed parse(const SourceFile& file, uint32_t file_index, const ParseLimits& limits) {
  if (auto fault = scan::file_fault(file, file_index, limits)) return {{}, {*std::move(fault)}};
  return assembly::Assembler(file, file_index, limits).run();
}

std::string canonical_tokens(std::string_view text, Span block) {
  std::string result;
  scan::LineScanner scanner(text.substr(block.begin, block.end - block.begin),
                            std::numeric_limits<uint32_t>::max());
  for (scan::Line line; scanner.next(line);) {
    for (size_t i = 0; i < line.tokens.size(); ++i) {
      if (i > 0) result += ' ';
      result += line.tokens[i].text;
    }
    if (!line.tokens.empty()) result += '\n';
  }
  return result;
}

}  // namespace toll::dsl
