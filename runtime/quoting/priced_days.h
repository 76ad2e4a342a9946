// Which meters are priced on which days of a period that is cut, and by what. Each offer prices the
// usage of its own days: what it does not price costs nothing there, for no other one either.
#pragma once

#include <string>
#include <vector>

#include "base/date.h"
#include "runtime/quoting/cut_period.h"
#include "runtime/usage.h"

namespace toll::runtime {

class PricedDays {
 public:
  /// `parts` must outlive this.
  explicit PricedDays(const std::vector<CutPart>& parts) : parts_(parts) {}

  /// Whether some part prices the meter.
  bool is_priced(const std::string& meter) const;

  /// Whether some part prices it, and not the one of that day.
  bool costs_nothing(const std::string& meter, Date day) const;

  /// Whether some part, or that of a day, prices it by such entries.
  bool is_given_so(const std::string& meter, UsageEntry::Given given) const;
  bool is_given_so_on(const std::string& meter, UsageEntry::Given given, Date day) const;

 private:
  const std::vector<CutPart>& parts_;
};

}  // namespace toll::runtime
