// A diff for people: as text, or as Markdown for a pull request.
#pragma once

#include <string>
#include <vector>

#include "cli/diff/compared.h"

namespace toll::cli {

struct DiffReport {
  std::vector<CardChange> cards;
  std::vector<Rerated> examples;
  std::vector<Rerated> usage;  ///< documents that were given
  size_t guarantees_tested = 0;
  std::vector<std::string> guarantees_refuted;  ///< "FILE:LINE: guarantee …"

  /// Whether anything that prices is different.
  bool differs() const;
};

std::string text_of(const DiffReport& report);
std::string markdown_of(const DiffReport& report);

}  // namespace toll::cli
