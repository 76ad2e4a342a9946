// A generated card as lines that can be changed: what the makers of families work on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/random.h"

namespace toll::differential {

/// A fee, a charge, a line of the bill, a limit or a commitment, with the lines below it.
struct ItemText {
  std::string head;
  std::vector<std::string> body;

  bool is(std::string_view keyword) const {
    return head.starts_with(keyword) && head.substr(keyword.size()).starts_with(' ');
  }
  std::string name() const;
  /// The meter of a charge.
  std::string meter() const;
  /// Whether the item bills something.
  bool bills() const { return !is("limit"); }
};

/// What is common to all plans, or a plan.
struct SectionText {
  std::string plan;
  std::vector<ItemText> items;
};

struct FamilyText {
  std::string declarations;  ///< with the line `toll 1`
  std::vector<std::string> header;
  std::vector<SectionText> sections;  ///< the first is common to all
  std::string currency, period;
};

/// REQUIRES: `text` is of generate_card().
FamilyText read_card(const std::string& text);

/// What stands behind `at` in a price row; empty where there is none.
std::string price_of(std::string_view row);

/// The text with its first number changed; none where that is 0.
std::optional<std::string> with_other_number(std::string text);

/// The same numbers, the first one written otherwise.
std::string in_other_digits(std::string text);

/// Every amount of `currency` in a line, followed by ` or ` and that of the other currency.
std::string in_both(std::string_view line, const std::string& currency, const std::string& other);

/// The same amounts in the other currency alone.
std::string in_other(std::string_view line, const std::string& currency, const std::string& other);

}  // namespace toll::differential
