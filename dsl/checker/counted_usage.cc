#include "dsl/checker/counted_usage.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/rounding.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// Whether a sum of such quantities is counted as it is. One without a finite decimal, such as
/// minutes in hours, is cut off.
bool is_counted_whole(const Ratio& quantity) {
  constexpr int kCountedPlaces = 12;
  return quantity.to_decimal(kCountedPlaces).has_value();
}

/// What an event of a meter counts at least; `each rounded` acts on what `each at least` makes of
/// it.
std::optional<Ratio> least_counted(const EventBinding& binding) {
  if (!binding.each_at_least || !binding.each_rounded) return binding.each_at_least;
  const auto steps = checked_div(*binding.each_at_least, *binding.each_rounded);
  if (!steps) return std::nullopt;
  const Ratio whole(div_round(steps->numerator(), steps->denominator(), binding.each_mode));
  return checked_mul(whole, *binding.each_rounded);
}

/// What a meter that counts, counts 1 for each of.
std::string_view counted_one(const EventBinding& binding) {
  if (binding.aggregate == Aggregate::CountsDistinct) return "each value of the field counts 1";
  return binding.outcome ? "each outcome counts 1" : "each event counts 1";
}

/// A meter that counts comes to whole numbers.
bool is_whole(const syntax::Use& use, const MeterEntry& meter, Reader& read, Report& report) {
  const EventBinding& binding = meter.meter.binding;
  const bool may_sum = binding.aggregate == Aggregate::Counts && !binding.outcome;
  for (const auto& item : use.items) {
    const auto quantity = read.quantity(item.quantity, meter, "this usage is");
    if (!quantity || quantity->denominator() == 1) continue;
    report
        .add("E321", fmt::format("{} comes to a whole number", quoted(meter.meter.name)),
             read.at(item.quantity.span))
        .see(meter.unit_place, std::string(counted_one(binding)))
        .why("usage states what was counted, which `toll meter` makes of events")
        .help(may_sum ? fmt::format("write a whole number; where there are parts of a {}, declare "
                                    "`meter {} sums ...`",
                                    meter.meter.unit, meter.meter.name)
                      : "write a whole number");
    return false;
  }
  return true;
}

}  // namespace

bool can_be_counted(const syntax::Use& use, const MeterEntry& meter, Reader& read, Report& report) {
  const EventBinding& binding = meter.meter.binding;
  const syntax::Meter& declared = *meter.meter.declaration;
  if (binding.aggregate == Aggregate::Counts || binding.aggregate == Aggregate::CountsDistinct)
    return is_whole(use, meter, read, report);
  if (binding.aggregate != Aggregate::Sums && binding.aggregate != Aggregate::Lists) return true;
  if (binding.each_times) return true;  // by a field, which may be any number
  const auto refuse = [&](const syntax::Quantity& given, std::string message, Span line,
                          const Ratio& unit) {
    report.add("E321", std::move(message), read.at(given.span))
        .see({meter.name.file, line}, "for each event, before it is counted")
        .why("usage states what was counted, which `toll meter` makes of events")
        .help(fmt::format("write what it comes to, such as {} {}", shown(unit),
                          unit == Ratio(1) ? meter.meter.unit : meter.meter.unit_plural));
    return false;
  };
  for (const auto& item : use.items) {
    const auto quantity = read.quantity(item.quantity, meter, "this usage is");
    if (!quantity || quantity->is_zero()) continue;
    const auto& step = binding.each_rounded;
    const auto steps =
        step && is_counted_whole(*step) ? checked_div(*quantity, *step) : std::nullopt;
    if (steps && steps->denominator() != 1)
      return refuse(item.quantity,
                    fmt::format("what {} counts is rounded to {} {}", quoted(meter.meter.name),
                                shown(*step), meter.meter.unit_plural),
                    declared.each_rounded->step.span, *step);
    const auto least = least_counted(binding);
    if (least && is_counted_whole(*least) && *quantity < *least)
      return refuse(item.quantity,
                    fmt::format("{} counts at least {} {} for each event", quoted(meter.meter.name),
                                shown(*least), meter.meter.unit_plural),
                    declared.each_at_least->span, *least);
  }
  return true;
}

}  // namespace toll::dsl::checker
