// The one card of a text, for tests that write their cards themselves.
#pragma once

#include <array>
#include <stdexcept>
#include <string>

#include "dsl/check.h"

namespace toll::differential {

/// REQUIRES: the text is one card without errors; otherwise throws with what is wrong, which fails
/// the test.
inline dsl::RateCard check_card(const std::string& text) {
  const std::array files = {dsl::SourceFile{"card.toll", text}};
  dsl::Checked checked = dsl::check(files);
  if (checked.cards.size() == 1) return std::move(checked.cards.front());
  std::string errors = "the card of this test has errors:\n" + text;
  for (const auto& diagnostic : checked.diagnostics) errors += render(diagnostic, files);
  throw std::runtime_error(errors);
}

}  // namespace toll::differential
