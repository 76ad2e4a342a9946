#include "dsl/assembly/findings.h"

#include <fmt/format.h>

namespace toll::dsl::assembly {

bool Findings::leaves_out(Place place) {
  if (diagnostics_.size() < diagnostics_max_) return false;
  if (left_out_++ == 0) first_left_out_ = place;
  return true;
}

void Findings::add_to_run(Diagnostic diagnostic, uint32_t ordinal, uint32_t line) {
  bool goes_on = run_ && run_->code == diagnostic.code && run_->ordinal_last + 1 == ordinal;
  if (goes_on) {
    ++run_->further;
  } else {
    end_run();
    run_ = Run{.code = diagnostic.code, .listed = std::nullopt};
    if (diagnostics_.size() < diagnostics_max_) run_->listed = diagnostics_.size();
    add(std::move(diagnostic));
  }
  run_->ordinal_last = ordinal;
  run_->line_last = line;
}

void Findings::end_run() {
  if (run_ && run_->listed && run_->further > 0) {
    std::string lines = run_->further == 1 ? fmt::format("line {} too", run_->line_last)
                                           : fmt::format("{} further lines too, up to line {}",
                                                         run_->further, run_->line_last);
    diagnostics_[*run_->listed].notes.push_back({"note", std::move(lines)});
  }
  run_.reset();
}

std::vector<Diagnostic> Findings::take() && {
  end_run();
  if (left_out_ > 0) {
    std::string message = left_out_ == 1 ? "1 more error in this file"
                                         : fmt::format("{} more errors in this file", left_out_);
    Diagnostic more =
        diagnostic("E025", std::move(message), first_left_out_, "the next one is here");
    more.notes.push_back({"help", "correct those above and check again"});
    diagnostics_.push_back(std::move(more));
  }
  return std::move(diagnostics_);
}

}  // namespace toll::dsl::assembly
