#include "dsl/checker/example_version.h"

#include <fmt/format.h>

#include "dsl/checker/examples.h"

namespace toll::dsl::checker {

std::optional<Date> last_day(const VersionContext& version, VersionsOfText versions) {
  const RateCard& card = version.first().card;
  if (card.deal_on.empty() || &version != versions.back()) return card.stated_until;
  for (const auto& header : version.source().own.tree->headers)
    if (const auto* days = std::get_if<syntax::From>(&header))
      return days->until ? std::optional(days->until->value) : std::nullopt;
  return std::nullopt;
}

VersionContext* version_for(const syntax::Example& example, VersionsOfText versions) {
  const auto days = days_asked(example);
  if (!days || versions.size() == 1) return versions.front();
  for (VersionContext* version : versions) {
    const auto until = last_day(*version, versions);
    const bool ended = until && *until <= days->from;
    if (!ended && version->first().card.from < days->until) return version;
  }
  return nullptr;
}

void report_outside(const syntax::Example& example, VersionsOfText versions, Report& report) {
  const CardContext& first = versions.front()->first();
  const auto until = last_day(*versions.back(), versions);
  report
      .add("E324", "the card is not in force then",
           first.read.at(example.month ? example.month->span : example.from->span))
      .see(first.card.source.place,
           fmt::format("it is in force from {}{}", to_string(first.card.from),
                       until ? " until " + to_string(*until) : std::string()))
      .help("choose days that it covers");
}

}  // namespace toll::dsl::checker
