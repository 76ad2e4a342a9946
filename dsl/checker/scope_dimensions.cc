// The declarations of dimensions: a list of values, ranges of a number, or times of the week.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/date.h"
#include "dsl/checker/numbers.h"
#include "dsl/checker/scope.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/// Adds a value; false when the name is taken.
bool add_value(DimensionEntry& entry, const std::string& name) {
  auto& values = entry.dimension.values;
  if (!entry.values.emplace(name, static_cast<uint32_t>(values.size())).second) return false;
  values.push_back(name);
  return true;
}

void report_value_twice(const DimensionEntry& entry, const syntax::Word& value, Report& report) {
  report
      .add("E120",
           fmt::format("the value {} of {} stands twice", quoted(value.text),
                       quoted(entry.dimension.name)),
           {entry.name.file, value.span})
      .help("leave one of them out");
}

/// A dimension that lists its values.
void read_list(DimensionEntry& entry, Report& report) {
  const auto& values = entry.dimension.declaration->values;
  for (const auto& value : values) {
    if (!add_value(entry, value.text)) report_value_twice(entry, value, report);
  }
  entry.dimension.open = !values.empty() && values.back().text == "other";
}

/// A dimension that is a range of a number: bounds rise, the last value takes the rest.
void read_ranges(DimensionEntry& entry, Report& report) {
  const syntax::Dimension& declaration = *entry.dimension.declaration;
  const uint32_t file = entry.name.file;
  DimensionBinding& binding = entry.dimension.binding;
  binding.kind = DimensionBinding::Kind::Range;
  for (const auto& field : declaration.fields) binding.fields.push_back(field.text);
  const syntax::DerivedValue* last_bounded = nullptr;
  const syntax::DerivedValue* open = nullptr;
  for (const auto& value : declaration.derived) {
    if (!add_value(entry, value.name.text)) report_value_twice(entry, value.name, report);
    binding.bounds.push_back(value.up_to ? std::optional(value.up_to->value) : std::nullopt);
    if (open) {
      report.add("E126", "nothing reaches this value", {file, value.span})
          .see({file, open->span}, "takes everything")
          .help("move the line that is `beyond` to the end");
      return;
    }
    if (!value.up_to) {
      open = &value;
      continue;
    }
    read_number(*value.up_to, file, kQuantityLimits, report);
    if (last_bounded && value.up_to->value <= last_bounded->up_to->value) {
      report.add("E126", "the bounds of a dimension rise", {file, value.up_to->span})
          .see({file, last_bounded->up_to->span}, "the bound above")
          .help("write the values in the order of their bounds");
    }
    last_bounded = &value;
  }
  if (!open && !declaration.damaged) {
    report
        .add("E126",
             fmt::format("the last value of {} must be open", quoted(declaration.name.text)),
             last_bounded ? Place{file, last_bounded->span} : entry.name)
        .help("end with a line `VALUE beyond` for everything above the last bound");
  }
}

/// "Mon-Fri" or "Sat" as indices of kDays, last one included.
struct DayRange {
  size_t first = 0, last = 0;
};
std::optional<DayRange> read_days(std::string_view word) {
  const auto hyphen = word.find('-');
  const auto index = [](std::string_view day) {
    return static_cast<size_t>(std::ranges::find(kDays, day) - kDays.begin());
  };
  const size_t first = index(word.substr(0, hyphen));
  const size_t last = hyphen == word.npos ? first : index(word.substr(hyphen + 1));
  if (first >= kDays.size() || last >= kDays.size() || last < first) return std::nullopt;
  return DayRange{first, last};
}

/// A stretch of one day, in minutes, and the line that says so.
struct Stretch {
  int from = 0, until = 0;
  const syntax::TimeValue* line = nullptr;
};

/// REQUIRES: "hh:mm-hh:mm", as the parser leaves it.
Stretch read_hours(const syntax::TimeValue& line) {
  const std::string_view word = line.hours->text;
  const auto two_digits = [word](size_t at) {
    int value = 0;
    std::from_chars(word.data() + at, word.data() + at + 2, value);
    return value;
  };
  return {two_digits(0) * 60 + two_digits(3), two_digits(6) * 60 + two_digits(9), &line};
}

void report_overlaps(std::vector<Stretch>& day, uint32_t file, Report& report) {
  std::ranges::sort(day, {}, [](const Stretch& stretch) {
    return std::pair(stretch.from, stretch.line->span.begin);
  });
  for (size_t i = 1; i < day.size(); ++i) {
    if (day[i].from >= day[i - 1].until) continue;
    const auto [first, second] = std::minmax({day[i - 1].line, day[i].line}, [](auto* a, auto* b) {
      return a->span.begin < b->span.begin;
    });
    report.add("E126", "two lines cover the same time", {file, second->span})
        .see({file, first->span}, "overlaps with this one")
        .help("let one end where the other begins; Toll does not use the order of lines");
    return;
  }
}

/// A dimension by time of the week: no two lines cover one moment, `otherwise` takes the rest.
void read_times(DimensionEntry& entry, Report& report) {
  const syntax::Dimension& declaration = *entry.dimension.declaration;
  const uint32_t file = entry.name.file;
  if (declaration.zone && !is_time_zone(declaration.zone->text)) {
    report
        .add("E114", fmt::format("{} is not a time zone", quoted(declaration.zone->text)),
             {file, declaration.zone->span})
        .help("write a name such as `Europe/Berlin` or `UTC`");
  }
  DimensionBinding& binding = entry.dimension.binding;
  binding.kind = DimensionBinding::Kind::Time;
  if (declaration.zone) binding.zone = declaration.zone->text;
  std::array<std::vector<Stretch>, kDays.size()> week;
  const syntax::TimeValue* otherwise = nullptr;
  for (const auto& line : declaration.times) {
    add_value(entry, line.name.text);  // several stretches may be one value
    const uint32_t value = *entry.value(line.name.text);
    if (otherwise) {
      report.add("E126", "`otherwise` is the last line", {file, line.span})
          .see({file, otherwise->span}, "takes everything that is left")
          .help("move it to the end");
      return;
    }
    if (!line.days || !line.hours) {
      otherwise = &line;
      binding.otherwise = value;
      continue;
    }
    const auto days = read_days(line.days->text);
    if (!days) {
      report
          .add("E126", fmt::format("{} is no range of days", quoted(line.days->text)),
               {file, line.days->span})
          .help("the week begins on Monday: write `Mon-Fri` or `Sat`");
      continue;
    }
    const Stretch hours = read_hours(line);
    for (size_t day = days->first; day <= days->last; ++day) week[day].push_back(hours);
    binding.times.push_back({.value = value,
                             .first_day = static_cast<unsigned>(days->first),
                             .last_day = static_cast<unsigned>(days->last),
                             .from = std::chrono::minutes(hours.from),
                             .until = std::chrono::minutes(hours.until)});
  }
  const auto errors = report.errors();
  for (auto& day : week) {
    report_overlaps(day, file, report);
    if (report.errors() != errors) break;  // the same two lines overlap on other days as well
  }
  if (!otherwise && !declaration.damaged) {
    report
        .add(
            "E126",
            fmt::format("{} does not say what holds at other times", quoted(declaration.name.text)),
            entry.name)
        .help("end with a line `VALUE otherwise`");
  }
}

}  // namespace

namespace {

/// Whether the one dimension lists all values of the other, in their order, and more.
bool adds_values(const syntax::Dimension& longer, const syntax::Dimension& shorter) {
  const auto is_list = [](const syntax::Dimension& dimension) {
    return !dimension.by_time && dimension.fields.empty() && !dimension.damaged;
  };
  if (!is_list(longer) || !is_list(shorter)) return false;
  size_t found = 0;
  for (const syntax::Word& value : longer.values)
    if (found < shorter.values.size() && shorter.values[found].text == value.text) ++found;
  return found == shorter.values.size() && longer.values.size() > found;
}

}  // namespace

uint32_t Scope::dimension_in(uint32_t file, uint32_t dimension) const {
  const Place* head = texts_.head(file);
  const auto found =
      dimension_in_file_.find({dimensions_[dimension].dimension.name, head ? head->file : file});
  return found == dimension_in_file_.end() ? dimension : found->second;
}

void Scope::declare(const syntax::Dimension& dimension, Place block) {
  const Place place{block.file, dimension.name.span};
  auto canonical = texts_.canonical(block);
  const auto index = static_cast<uint32_t>(dimensions_.size());
  auto [found, fresh] = dimension_by_name_.emplace(dimension.name.text, index);
  DimensionEntry entry;
  if (!fresh) {
    DimensionEntry& first = dimensions_[found->second];
    const std::pair in_file(dimension.name.text, block.file);
    if (first.canonical == canonical) {  // said once more, word for word
      dimension_in_file_.emplace(in_file, found->second);
      return;
    }
    const bool more = adds_values(dimension, *first.dimension.declaration);
    const bool fewer = adds_values(*first.dimension.declaration, dimension);
    if (dimension_in_file_.contains(in_file) || (!more && !fewer)) {
      first.sound = false;
      return report_twice("dimension", dimension.name, place, first.name);
    }
    // The folder has the longer list; the other one is that of its file.
    (more ? first : entry).used = true;
    if (more) found->second = index;
  }
  dimension_in_file_.emplace(std::pair(dimension.name.text, block.file), index);
  entry.name = place;
  entry.block = block;
  entry.canonical = std::move(canonical);
  entry.dimension.name = dimension.name.text;
  entry.dimension.declaration = std::make_shared<const syntax::Dimension>(dimension);
  dimensions_.push_back(std::move(entry));
}

void Scope::settle(DimensionEntry& entry) {
  const syntax::Dimension& declaration = *entry.dimension.declaration;
  const auto errors = report_.errors();
  if (declaration.by_time) {
    read_times(entry, report_);
  } else if (!declaration.fields.empty()) {
    read_ranges(entry, report_);
  } else {
    read_list(entry, report_);
  }
  if (report_.errors() != errors || declaration.damaged) entry.sound = false;
}

}  // namespace toll::dsl::checker
