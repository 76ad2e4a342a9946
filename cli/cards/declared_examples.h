// The examples and golden invoices that a file declares, whether or not they could be made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dsl/source.h"

namespace toll::cli {

struct DeclaredExample {
  std::string title;
  uint32_t line;
};

/// In the order of the lines. One whose first line cannot be read is none.
std::vector<DeclaredExample> declared_examples(const dsl::SourceFile& file);

}  // namespace toll::cli
