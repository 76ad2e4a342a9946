// Examples and golden invoices: usage with the amounts that it must give. Plain values; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/card_set.h"

namespace toll::runtime {

/// An amount that differs, or a line too many or too few.
struct Mismatch {
  std::string path;
  std::string unit;               ///< plural, of credits; empty: money, in minor units
  std::optional<Ratio> expected;  ///< empty: the line was not expected
  std::optional<Ratio> got;       ///< empty: there is no such line
  std::string source;  ///< "file:line" of the expectation; of the invoice where there is none
  bool left = false;   ///< what a pool has left, not a line
};

struct ExampleResult {
  std::string title;
  std::string source;  ///< "file:line"
  Int128 total = 0;    ///< minor units
  std::vector<Mismatch> mismatches;
  std::string fault;             ///< why the usage could not be rated; empty: it was
  bool expects_nothing = false;  ///< an example without an amount shows nothing; so it fails
  bool passed() const { return mismatches.empty() && fault.empty() && !expects_nothing; }
};

/// Rates the example by interpreter and, where the revision has it, by native code; a difference
/// between the two is a fault. Pure.
/// REQUIRES: `revision` is not null and `example` is one of its card's. Where several offers bill
/// its days, by a change of plan or in an invoice by other versions and deals, `offers` hold them
/// all; it is a fault where they do not.
ExampleResult run_example(const std::shared_ptr<const Revision>& revision,
                          const dsl::Example& example, const CardSet::Revisions& offers = {});

}  // namespace toll::runtime
