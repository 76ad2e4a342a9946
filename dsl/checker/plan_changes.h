// The changes of plan of an example: days of its period on which it changes to another plan.
#pragma once

#include <optional>

#include "dsl/checker/reader.h"
#include "dsl/checker/report.h"
#include "dsl/rate_card.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

class PlanChanges {
 public:
  /// `period` are the days of the example. REQUIRES: it has changes; all arguments outlive this.
  PlanChanges(const syntax::Example& example, const Period& period, Reader& read, Report& report)
      : example_(example), period_(period), read_(read), report_(report) {}

  /// Whether the plans follow one another inside the period; else it is reported.
  bool are_sound() const;

  /// In which of its plans something was used: 0 is the first. Empty, and reported, where a change
  /// of plan comes between. REQUIRES: they are sound.
  std::optional<size_t> plan_of(const syntax::Use& use) const;

 private:
  Place at(Span span) const { return read_.at(span); }

  const syntax::Example& example_;
  const Period& period_;
  Reader& read_;
  Report& report_;
};

}  // namespace toll::dsl::checker
