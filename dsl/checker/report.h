// Report: what one check found, with a bounded number of diagnostics a file.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "dsl/checker/texts.h"
#include "dsl/diagnostic.h"

namespace toll::dsl::checker {

/// The diagnostic that was just added, to say more about it:
/// `report.add(...).see(place, "declared here").help("...")`. Kept, it is good while the report is;
/// what it says of one that is not listed is lost.
class Finding {
 public:
  Finding(Diagnostic& diagnostic, const Texts& texts) : diagnostic_(&diagnostic), texts_(&texts) {}

  Finding& see(Place place, std::string label = {});
  Finding& why(std::string text) { return note("why", std::move(text)); }
  Finding& help(std::string text) { return note("help", std::move(text)); }
  Finding& note(std::string kind, std::string text);

 private:
  Diagnostic* diagnostic_;
  const Texts* texts_;
};

/// Not safe for use by several threads; each check has its own.
class Report {
 public:
  /// Errors, and as many warnings, that are listed for one file.
  static constexpr size_t kListedMax = 50;

  /// What is found in the text of a card that extends others is shown where it was written.
  /// REQUIRES: `texts` outlives it.
  Report(const Texts& texts, size_t file_count) : texts_(texts), files_(file_count) {}

  /// While a card is held back, what else may be wrong with it is counted only.
  void mute(bool muted) { muted_ = muted; }

  /// A diagnostic of a registered kind. Once the file's list is full it is only counted, and so is
  /// what was said of the same place in the same words before: a version is checked once for each
  /// of its offers, and most of it is common to them.
  Finding add(std::string_view code, std::string message, Place place, std::string label = {});

  /// Something is wrong that another diagnostic explains: the card at hand fails, nothing is
  /// listed.
  void hold_back() { ++errors_; }

  /// Errors so far, listed or not. A part of a card is sound when this did not change.
  size_t errors() const { return errors_; }

  /// Whether another error of this file would be listed: where a text is costly to find.
  bool lists(uint32_t file) const {
    const Place* head = texts_.head(file);
    return files_[head ? head->file : file].errors < kListedMax;
  }

  /// All diagnostics in the order in which they were added, and of each file how many were left
  /// out.
  std::vector<Diagnostic> take();

 private:
  struct FileCount {
    size_t errors = 0, warnings = 0;
    Place first_error_left_out, first_warning_left_out;
  };
  void count_left_out();

  const Texts& texts_;
  bool muted_ = false;
  std::deque<Diagnostic> diagnostics_;
  Diagnostic left_out_;  ///< takes what is said about a diagnostic that is not listed
  std::vector<FileCount> files_;
  std::set<std::tuple<std::string_view, uint32_t, uint32_t, uint32_t, std::string>> said_;
  size_t errors_ = 0;
};

}  // namespace toll::dsl::checker
