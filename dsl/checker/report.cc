#include "dsl/checker/report.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace toll::dsl::checker {

Finding& Finding::see(Place place, std::string label) {
  diagnostic_->related.push_back({place, std::move(label)});
  return *this;
}

Finding& Finding::note(std::string kind, std::string text) {
  diagnostic_->notes.push_back({std::move(kind), std::move(text)});
  return *this;
}

Finding Report::add(std::string_view code, std::string message, Place place, std::string label) {
  auto found = diagnostic(code, std::move(message), place, std::move(label));
  const bool error = found.severity == Severity::Error;
  if (error) ++errors_;
  FileCount& file = files_[place.file];
  size_t& count = error ? file.errors : file.warnings;
  if (++count > kListedMax) {
    if (count == kListedMax + 1) {
      (error ? file.first_error_left_out : file.first_warning_left_out) = place;
    }
    left_out_ = std::move(found);
    return Finding(left_out_);
  }
  return Finding(diagnostics_.emplace_back(std::move(found)));
}

void Report::count_left_out() {
  for (const FileCount& file : files_) {
    if (file.errors > kListedMax) {
      diagnostics_.push_back(
          diagnostic("E025", fmt::format("{} more errors in this file", file.errors - kListedMax),
                     file.first_error_left_out, "the next one is here"));
    }
    if (file.warnings > kListedMax) {
      diagnostics_.push_back(diagnostic(
          "W130", fmt::format("{} more warnings in this file", file.warnings - kListedMax),
          file.first_warning_left_out, "the next one is here"));
    }
  }
}

std::vector<Diagnostic> Report::take() {
  count_left_out();
  return {std::make_move_iterator(diagnostics_.begin()),
          std::make_move_iterator(diagnostics_.end())};
}

}  // namespace toll::dsl::checker
