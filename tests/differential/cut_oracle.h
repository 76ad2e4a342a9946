// What a period comes to in which a version or a plan with other prices begins, over exact
// fractions of any size: by the oracle, which rates whole usage by each version and knows nothing
// of cuts, and by the language document. Shares no code with runtime/.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "tests/differential/oracle.h"
#include "tests/differential/usage_generator.h"

namespace toll::differential {

inline constexpr int kDays = 31;  ///< of March, the period
inline const Date kFirst = *parse_date("2026-03-01");
inline const Date kEnd = *parse_date("2026-04-01");
inline const Period kMarch{kFirst, kEnd};

/// A grant of the document, or of a `grant` line.
struct CutWorldGrant {
  std::string pool;
  Fraction quantity;  ///< credits, or minor units
  Date from;
  std::optional<Date> expires;
};

/// March 2026, billed by two offers of which the second begins on `cut`.
struct CutWorld {
  std::array<const dsl::RateCard*, 2> cards;
  const dsl::RateCard* all;  ///< has the charges of both; entries are of its meters
  Date cut;
  std::optional<Date> since;
  std::vector<Date> begins;    ///< of the segments: the first of March, the cut, and days of grants
  std::vector<Document> used;  ///< in each of them
  std::vector<CutWorldGrant> grants;  ///< given with the document, in their order
};

/// Amounts of lines of one path: exact, and rounded to minor units; of credits 0.
struct CutAmounts {
  Fraction exact = 0;
  Integer amount = 0;
};

struct CutExpectation {
  std::map<std::string, CutAmounts> lines;    ///< of fees, charges and what is beyond pools
  std::map<std::string, Fraction> left;       ///< by pool: credits, or minor units
  bool blocked = false;                       ///< a pool stops what is beyond it: there is no bill
  std::map<std::string, CutAmounts> on_bill;  ///< lines that act on the bill
  Integer total = 0;
};

/// Empty where one of the whole bills has a fault of its own.
std::optional<CutExpectation> expected(const CutWorld& world);

/// The grants that the cards' own lines make in March: `every month`, `every week` and
/// `every quarter`.
std::vector<CutWorldGrant> own_grants(const CutWorld& world);

/// Whether a fee is due on a bill of these days of March: a term begins so many months after the
/// customer came, on the same day of the month.
bool is_due(const dsl::Fee& fee, const std::optional<Date>& since, const Period& days = kMarch);

/// The entries as they are rated, each later than those before: of peaks the greatest counts, of
/// other levels the last.
Document together(const Document& document, const dsl::RateCard& card);

/// Whether entries are of one cell of a meter.
bool are_of_one_cell(const Entry& a, const Entry& b);

}  // namespace toll::differential
