// Texts of generated cards with a later version or another plan beside them: other prices, other
// lines.
#pragma once

#include <string>

#include "tests/differential/random.h"

namespace toll::differential {

/// Of some texts also with other minimums and maximums, or without minimums.
std::string with_other_prices(const std::string& text);

/// The text without some of the lines that act on what stands above them.
std::string without_some_lines(const std::string& text, Random& random);

/// The text with large minimums of days above the other lines of charges in money, and below all
/// others on the bill; some with a discount below, and a commitment.
std::string with_minimums_of_days(const std::string& text, Random& random);

/// The text with `grant` lines in its pools of credits, and an order in which they are spent.
std::string with_grants(const std::string& text, Random& random);

/// Another way of rounding, of the same currency.
std::string rounded_otherwise(const std::string& text, Random& random);

/// The same card with other prices and grants, from a day of March on.
std::string dearer(const std::string& text, int first_day);

/// The card in a plan, and its later text in another one.
std::string in_plans(const std::string& text, const std::string& later);

/// The text without one of its charges.
std::string without_a_charge(const std::string& text, Random& random);

/// A card whose rows share discounts and surcharges in any order, and a share of what they come to.
std::string with_shared_lines(Random& random, const std::string& rounding);
/// "line half-up".
std::string draw_rounding(Random& random);

}  // namespace toll::differential
