// Report: what one check found, with a bounded number of diagnostics a file.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"

namespace toll::dsl::checker {

/// The diagnostic that was just added, to say more about it:
/// `report.add(...).see(place, "declared here").help("...")`. Not to be kept.
class Finding {
 public:
  explicit Finding(Diagnostic& diagnostic) : diagnostic_(&diagnostic) {}

  Finding& see(Place place, std::string label = {});
  Finding& why(std::string text) { return note("why", std::move(text)); }
  Finding& help(std::string text) { return note("help", std::move(text)); }
  Finding& note(std::string kind, std::string text);

 private:
  Diagnostic* diagnostic_;
};

/// Not safe for use by several threads; each check has its own.
class Report {
 public:
  /// Errors, and as many warnings, that are listed for one file.
  static constexpr size_t kListedMax = 50;

  explicit Report(size_t file_count) : files_(file_count) {}

  /// A diagnostic of a registered kind. Once the file's list is full it is only counted.
  Finding add(std::string_view code, std::string message, Place place, std::string label = {});

  /// Something is wrong that another diagnostic explains: the card at hand fails, nothing is
  /// listed.
  void hold_back() { ++errors_; }

  /// Errors so far, listed or not. A part of a card is sound when this did not change.
  size_t errors() const { return errors_; }

  /// Whether another error of this file would be listed: where a text is costly to find.
  bool lists(uint32_t file) const { return files_[file].errors < kListedMax; }

  /// All diagnostics in the order in which they were added, and of each file how many were left
  /// out.
  std::vector<Diagnostic> take();

 private:
  struct FileCount {
    size_t errors = 0, warnings = 0;
    Place first_error_left_out, first_warning_left_out;
  };
  void count_left_out();

  std::deque<Diagnostic> diagnostics_;
  Diagnostic left_out_;  ///< takes what is said about a diagnostic that is not listed
  std::vector<FileCount> files_;
  size_t errors_ = 0;
};

}  // namespace toll::dsl::checker
