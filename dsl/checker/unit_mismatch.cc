#include "dsl/checker/unit_mismatch.h"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// What contracts usually take for a calendar time, in hours and in days.
struct UsualLength {
  std::string_view name, hours, days;
};
constexpr UsualLength kUsualLengths[] = {
    {"day", "24 hours", ""},
    {"week", "168 hours", ""},
    {"month", "730 hours", "30 days"},
    {"quarter", "2,190 hours", "91 days"},
    {"year", "8,760 hours", "365 days"},
};

/// Longer times are of a higher rank; ranks do not convert into each other.
int rank(const UnitPart& part) {
  constexpr std::string_view kMonths[] = {"month", "quarter", "year"};
  if (!part.calendar) return 0;
  return std::ranges::find(kMonths, part.singular) != std::end(kMonths) ? 2 : 1;
}

/// The place of a unit's part inside the word that was written.
Place place_of(const UnitPart& part, const Unit& unit, const syntax::Word& word, Place place) {
  size_t begin = 0;
  for (const UnitPart& other : unit.parts) {
    const size_t end = std::min(word.text.find('-', begin), word.text.size());
    if (&other == &part) {
      const auto offset = place.span.begin;
      return {place.file,
              {static_cast<uint32_t>(offset + begin), static_cast<uint32_t>(offset + end)}};
    }
    begin = end + 1;
  }
  return place;
}

/// E104, where the two units differ in nothing but how they measure time.
bool report_calendar(const syntax::Word& word, Place place, const Unit& unit,
                     const MeterEntry& meter, Report& report) {
  if (!differ_in_calendar_only(unit, *meter.unit)) return false;
  const UnitPart* here = time_of(unit);
  const UnitPart* there = time_of(*meter.unit);
  if (!here || !there || rank(*here) == rank(*there)) return false;
  const bool here_is_longer = rank(*here) > rank(*there);
  const UnitPart& longer = here_is_longer ? *here : *there;
  const UnitPart& shorter = here_is_longer ? *there : *here;
  auto finding = report.add(
      "E104",
      fmt::format("{} has no fixed number of {}", with_article(longer.singular), shorter.plural),
      place_of(*here, unit, word, place), here->plural);
  finding.see(meter.unit_place, fmt::format("the meter {}", meter.measures()));
  auto usual = std::ranges::find(kUsualLengths, longer.singular, &UsualLength::name);
  if (usual != std::end(kUsualLengths)) {
    finding.help(fmt::format(
        "declare what your contract says: `unit contract_{}, contract_{} = {}`", longer.singular,
        longer.plural, rank(shorter) == 0 ? usual->hours : usual->days));
  }
  return true;
}

/// "TB-months" for `TB` on a meter in GiB-months: what is missing from the end of the unit.
std::string completed(const Unit& unit, const Unit& wanted) {
  const size_t given = unit.parts.size();
  if (given >= wanted.parts.size()) return {};
  for (size_t i = 0; i < given; ++i) {
    const bool alike = unit.parts[i].singular == wanted.parts[i].singular ||
                       (unit.parts[i].size && wanted.parts[i].size);
    if (!alike) return {};
  }
  std::string name = unit.singular;
  for (size_t i = given; i < wanted.parts.size(); ++i) {
    const bool last = i + 1 == wanted.parts.size();
    name += '-' + (last ? wanted.parts[i].plural : wanted.parts[i].singular);
  }
  return name;
}

}  // namespace

void report_price_mismatch(const syntax::Word& word, Place place, const Unit& unit,
                           const MeterEntry& meter, const MeterEntry* meter_that_fits,
                           std::string_view per, Report& report) {
  if (report_calendar(word, place, unit, meter, report)) return;
  const bool counts = meter.meter.declaration->aggregate.text == "counts";
  auto finding = report.add("E101",
                            fmt::format("the price is per {}, but this charge {}", unit.singular,
                                        counts ? "counts " + meter.meter.unit_plural
                                               : "is on a meter in " + meter.meter.unit_plural),
                            place, kind_of(unit));
  finding.see(meter.unit_place, fmt::format("the meter {}", meter.measures()))
      .why(fmt::format("nothing says how many {} {} is", unit.plural,
                       with_article(meter.meter.unit)));
  std::string help = fmt::format("write `{}`", per);
  if (meter_that_fits) {
    help += fmt::format(", or charge on the meter {}", quoted(meter_that_fits->meter.name));
  }
  finding.help(std::move(help));
}

void report_quantity_mismatch(const syntax::Quantity& quantity, Place unit_place, const Unit& unit,
                              const MeterEntry& meter, std::string_view text,
                              std::string_view subject, std::string_view before, Report& report) {
  if (report_calendar(quantity.unit, unit_place, unit, meter, report)) return;
  auto finding =
      report.add("E102", fmt::format("{} {}, but its meter {}", subject, text, meter.measures()),
                 unit_place, fmt::format("{}; expected {}", kind_of(unit), kind_of(*meter.unit)));
  finding.see(meter.unit_place, "declared here");
  const std::string name = completed(unit, *meter.unit);
  const std::string_view number = text.substr(0, text.find(' '));
  if (name.empty()) {
    finding.help(fmt::format("write it in {}", meter.meter.unit_plural));
  } else {
    finding.help(fmt::format("write `{}{} {}`", before, number, name));
  }
}

}  // namespace toll::dsl::checker
