#include "dsl/checker/report.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace toll::dsl::checker {

Finding& Finding::see(Place place, std::string label) {
  diagnostic_->related.push_back({texts_->original(place), std::move(label)});
  return *this;
}

Finding& Finding::note(std::string kind, std::string text) {
  diagnostic_->notes.push_back({std::move(kind), std::move(text)});
  return *this;
}

Finding Report::add(std::string_view code, std::string message, Place seen, std::string label) {
  const Place place = texts_.original(seen);
  auto found = diagnostic(code, std::move(message), place, std::move(label));
  const Place* head = texts_.head(seen.file);
  if (const Place* line = texts_.named_by(seen))
    found.related.push_back({*line, "its rows are read here"});
  else if (head && head->file != place.file)
    found.related.push_back({*head, "found in this card, which extends it"});
  const bool error = found.severity == Severity::Error;
  if (error) ++errors_;
  const DiagnosticKind& kind = *std::ranges::find(diagnostic_kinds(), code, &DiagnosticKind::code);
  if (muted_ ||
      (!found.message.empty() &&
       !said_.emplace(kind.code, place.file, place.span.begin, place.span.end, found.message)
            .second)) {
    left_out_ = std::move(found);
    return Finding(left_out_, texts_);
  }
  FileCount& file = files_[place.file];
  size_t& count = error ? file.errors : file.warnings;
  if (++count > kListedMax) {
    if (count == kListedMax + 1) {
      (error ? file.first_error_left_out : file.first_warning_left_out) = place;
    }
    left_out_ = std::move(found);
    return Finding(left_out_, texts_);
  }
  return Finding(diagnostics_.emplace_back(std::move(found)), texts_);
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
