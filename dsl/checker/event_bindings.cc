// What the lines of a meter say about events, as exact values.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "dsl/checker/numbers.h"
#include "dsl/checker/scope.h"
#include "dsl/checker/wording.h"
#include "dsl/parts_of_period.h"

namespace toll::dsl {

bool follows_level(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::Averages:
    case Aggregate::Peaks:
    case Aggregate::Latest:
    case Aggregate::Percentile:
    case Aggregate::Accrues:
      return true;
    case Aggregate::Counts:
    case Aggregate::CountsDistinct:
    case Aggregate::Sums:
    case Aggregate::Lists:
      return false;
  }
  std::unreachable();
}

bool adds_up(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::Counts:
    case Aggregate::Sums:
    case Aggregate::Accrues:
    case Aggregate::Lists:
      return true;
    case Aggregate::CountsDistinct:
    case Aggregate::Averages:
    case Aggregate::Peaks:
    case Aggregate::Latest:
    case Aggregate::Percentile:
      return false;
  }
  std::unreachable();
}

bool follows_from_parts(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::Averages:
    case Aggregate::Peaks:
    case Aggregate::Latest:
      return true;
    case Aggregate::Counts:
    case Aggregate::CountsDistinct:
    case Aggregate::Sums:
    case Aggregate::Percentile:
    case Aggregate::Accrues:
    case Aggregate::Lists:
      return adds_up(aggregate);
  }
  std::unreachable();
}

namespace checker {
namespace {

constexpr std::array<std::pair<std::string_view, Aggregate>, 8> kAggregates = {{
    {"counts", Aggregate::Counts},
    {"sums", Aggregate::Sums},
    {"averages", Aggregate::Averages},
    {"peaks", Aggregate::Peaks},
    {"latest", Aggregate::Latest},
    {"percentile", Aggregate::Percentile},
    {"accrues", Aggregate::Accrues},
    {"lists", Aggregate::Lists},
}};

Aggregate aggregate_of(const syntax::Meter& meter) {
  if (meter.distinct) return Aggregate::CountsDistinct;
  for (const auto& [word, aggregate] : kAggregates) {
    if (word == meter.aggregate.text) return aggregate;
  }
  std::unreachable();  // the grammar knows no other
}

std::optional<std::string> text_of(const std::optional<syntax::Word>& word) {
  return word ? std::optional(word->text) : std::nullopt;
}

}  // namespace

/// A time, whole where it is one of the calendar; empty, and reported, where it is not.
std::optional<TimeSpan> Scope::time_span(const syntax::Quantity& span, uint32_t file) {
  const Unit* unit = this->unit(span.unit, file);
  const auto count = Ratio::of(span.number.value);
  auto time = unit ? as_time(*unit) : std::nullopt;
  const auto length = time && count ? checked_mul(*count, time->count) : std::nullopt;
  if (!length) return std::nullopt;
  if (time->clock != Clock::Seconds && length->denominator() != 1) {
    report_
        .add("E119", fmt::format("a part of a {} has no fixed length", unit->singular),
             {file, span.span})
        .help("write whole days or months, or hours");
    return std::nullopt;
  }
  return TimeSpan{time->clock, *length};
}

std::vector<const Unit*> Scope::without_a_part(const Unit& compound) {
  std::vector<const Unit*> units;
  const auto& parts = compound.parts;
  for (size_t left_out = 0; parts.size() > 1 && left_out < parts.size(); ++left_out) {
    std::string rest;
    for (size_t i = 0; i < parts.size(); ++i)
      if (i != left_out) rest += (rest.empty() ? "" : "-") + parts[i].singular;
    if (const auto& resolved = unit_system_.resolve(rest)) units.push_back(&*resolved);
  }
  return units;
}

std::vector<const Unit*> Scope::units_of_event(const MeterEntry& meter) {
  if (!meter.meter.declaration->each_times || meter.unit->parts.size() == 1) return {meter.unit};
  return without_a_part(*meter.unit);
}

std::optional<Ratio> Scope::in_unit_of_event(const MeterEntry& entry,
                                             const syntax::Quantity& quantity) {
  const Unit* unit = this->unit(quantity.unit, entry.name.file);
  const auto value = Ratio::of(quantity.number.value);
  if (!unit || !value) return std::nullopt;
  for (const Unit* of_event : units_of_event(entry))
    if (convertible(*unit, *of_event)) return convert(*value, *unit, *of_event);
  return std::nullopt;
}

void Scope::bind(MeterEntry& entry) {
  const syntax::Meter& meter = *entry.meter.declaration;
  const uint32_t file = entry.name.file;
  EventBinding& binding = entry.meter.binding;
  binding.aggregate = aggregate_of(meter);
  for (const auto& event : meter.from) binding.from.push_back(event.text);
  if (meter.distinct) binding.distinct_field = meter.unit.text;
  binding.step = text_of(meter.step);
  binding.until = text_of(meter.until);
  for (const auto& take : meter.takes) {
    TakenField taken{.field = take.field.text,
                     .less = text_of(take.less),
                     .as = {},
                     .line = texts_.source_line({file, take.span}).line};
    if (take.as_dimension && take.as_value) {
      const auto place = dimension(entry, *take.as_dimension, file);
      const auto value =
          place ? this->value(dimensions_[entry.dimensions[*place]], *take.as_value, file)
                : std::nullopt;
      if (value) taken.as = TakenField::Target{*place, *value};
    }
    binding.takes.push_back(std::move(taken));
  }
  if (meter.each_at_least) binding.each_at_least = in_unit_of_event(entry, *meter.each_at_least);
  if (meter.each_rounded) {
    binding.each_rounded = in_unit_of_event(entry, meter.each_rounded->step);
    binding.each_mode = meter.each_rounded->mode;
  }
  if (meter.each_times)
    binding.each_times =
        Multiplier{meter.each_times->text, texts_.source_line({file, meter.each_times->span}).line};
  if (binding.aggregate == Aggregate::Accrues)
    binding.accrues_per = as_time(*unit({time_of(*entry.unit)->singular, meter.unit.span}, file));
  if (meter.percentile) binding.percentile = meter.percentile->value;
  binding.every_day = meter.every && meter.every->text == "day";
  if (!meter.when && !meter.unless && !meter.once_per && !meter.after) return;
  binding.outcome = Outcome{
      .when = meter.when ? meter.when->text : meter.from.front().text,
      .after = text_of(meter.after),
      .within = meter.within ? time_span(*meter.within, file) : std::nullopt,
      .unless = text_of(meter.unless),
      .unless_within = meter.unless_within ? time_span(*meter.unless_within, file) : std::nullopt,
      .once_per = text_of(meter.once_per)};
}

}  // namespace checker
}  // namespace toll::dsl
