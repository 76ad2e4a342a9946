#include "dsl/checker/extends/agreements.h"

#include <fmt/format.h>

#include "dsl/checker/extends/merge.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {

bool Agreements::holds(Place was, Place there) {
  const bool fits = same_words(text(there), text(was), texts_.units());
  if (fits && !days_) return true;
  const Place written = texts_.original(was);
  const auto [entry, is_first] = agreed_.try_emplace(
      {written.file, written.span.begin}, Agreed{.was = was, .first = {there, days_, fits}});
  Agreed& agreed = entry->second;
  const bool differs = !is_first && !agreed.then && !(fits && agreed.first.fits) &&
                       !same_words(text(there), text(agreed.first.there), texts_.units());
  if (differs) agreed.then = Seen{there, days_, fits};
  if (fits) return true;
  Finding finding =
      report_.add("E501", "what is replaced has changed", was, "this was agreed against");
  if (!agreed.finding) {
    agreed.finding = finding;
    agreed.changed = there;
  }
  return false;
}

void Agreements::explain() {
  for (auto& [place, agreed] : agreed_)
    if (agreed.finding) explain(agreed);
}

/// "the deal", or the version of it that is to end.
std::string Agreements::ending(const Agreed& agreed) {
  const DealDays& days = *agreed.then->days;
  const bool same = agreed.first.days && agreed.first.days->version == days.version;
  if (same || days.version == days.from) return "the deal";
  return fmt::format("the deal's version of {}", to_string(days.version));
}

void Agreements::explain(Agreed& agreed) const {
  Finding& finding = *agreed.finding;
  if (!agreed.then || !agreed.then->days) {
    finding.see(agreed.changed, "this is there now")
        .help(fmt::format("drop the change, or confirm it with `was {}`", text(agreed.changed)));
    return;
  }
  const DealDays& days = *agreed.then->days;
  const std::string day = to_string(days.from);
  finding.see(agreed.first.there, fmt::format("this is there until {}", day))
      .see(agreed.then->there, fmt::format("this is there from {}", day))
      .why(fmt::format("on the days of the deal {} has two versions that differ here, and no `was` "
                       "is true of both",
                       quoted(days.card)))
      .help(fmt::format(
          "end {} with `until {}`{}, and write it again from that day{}: `card {} extends "
          "{}` with `from {}{}` and `was {}`",
          ending(agreed), day,
          agreed.first.fits ? std::string()
                            : fmt::format(" and `was {}`", text(agreed.first.there)),
          days.version == days.from ? ", in the place of its version of that day" : "", days.deal,
          days.card, day, days.until ? " until " + to_string(*days.until) : std::string(),
          text(agreed.then->there)));
  if (days.other)
    finding.note("note",
                 fmt::format("a deal from {} is for one who is a customer since then, and follows "
                             "the version of {}: change in it too what is to stay",
                             day, to_string(*days.other)));
}

}  // namespace toll::dsl::checker
