// Texts and answers of the checker's tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dsl/check.h"
#include "dsl/diagnostic.h"

namespace toll::dsl {

inline Checked check_text(std::string text) {
  const SourceFile file{"card.toll", std::move(text)};
  return check({&file, 1});
}

/// The kinds of what was found, in order.
inline std::vector<std::string> codes(const Checked& checked) {
  std::vector<std::string> codes;
  for (const Diagnostic& diagnostic : checked.diagnostics) codes.push_back(diagnostic.code);
  return codes;
}

/// The one card of a text without errors.
inline RateCard card_of(const std::string& text) {
  const SourceFile file{"card.toll", text};
  Checked checked = check({&file, 1});
  std::string found;
  for (const Diagnostic& diagnostic : checked.diagnostics) {
    if (diagnostic.severity == Severity::Error) found += render(diagnostic, {&file, 1});
  }
  EXPECT_EQ(found, "");
  EXPECT_EQ(checked.cards.size(), 1u);
  return checked.cards.empty() ? RateCard{} : std::move(checked.cards.front());
}

/// Declarations that the cards below use.
inline constexpr std::string_view kDeclarations = R"(toll 1

unit call, calls
dimension region is eu, us
dimension mode is live, batch, other
meter api_calls counts call by region, mode
meter storage sums GiB-month
)";

/// A monthly card in USD with these items.
inline std::string card_with(std::string_view items, std::string_view from = "2026-01-01") {
  return "\ncard api \"API\"\n  from " + std::string(from) +
         "\n  currency USD\n  period month\n  round each line half-up\n" + std::string(items);
}

/// The same below the declarations.
inline std::string text_with(std::string_view items) {
  return std::string(kDeclarations) + card_with(items);
}

inline Ratio ratio(Int128 n, Int128 d = 1) { return Ratio::of(n, d); }

}  // namespace toll::dsl
