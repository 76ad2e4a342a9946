// The diagnostics of one file while it is read: in text order, not more than are useful.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dsl/diagnostic.h"

namespace toll::dsl::assembly {

class Findings {
 public:
  /// At most `diagnostics_max` are kept; one more says how many were left out.
  explicit Findings(uint32_t diagnostics_max) : diagnostics_max_(diagnostics_max) {}

  void add(Diagnostic diagnostic) {
    if (!leaves_out(diagnostic.primary.place)) diagnostics_.push_back(std::move(diagnostic));
  }

  /// The same, for a diagnostic that is put into words only if it is kept.
  template <typename Compose>
  void add(Place place, Compose compose) {
    if (!leaves_out(place)) diagnostics_.push_back(compose());
  }

  /// For mistakes that come line after line, such as wrong indentation: one that follows the last
  /// one of its kind without a right line between them is counted there and not listed again.
  /// `ordinal` numbers the lines that are not blank; `line` is the line's number.
  void add_to_run(Diagnostic diagnostic, uint32_t ordinal, uint32_t line);

  std::vector<Diagnostic> take() &&;

 private:
  struct Run {
    std::string code;
    std::optional<size_t> listed;  ///< into diagnostics_; empty: left out
    uint32_t further = 0;          ///< lines after the first
    uint32_t ordinal_last = 0;
    uint32_t line_last = 0;
  };

  /// True, and counted, if there are enough.
  bool leaves_out(Place place);
  void end_run();

  uint32_t diagnostics_max_;
  std::vector<Diagnostic> diagnostics_;
  std::optional<Run> run_;
  uint32_t left_out_ = 0;
  Place first_left_out_;
};

}  // namespace toll::dsl::assembly
