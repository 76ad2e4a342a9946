// The declarations of meters: what is counted, by which dimensions, and from which events.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dsl/checker/numbers.h"
#include "dsl/checker/scope.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// Aggregates that follow a level instead of adding up events.
bool follows_level(std::string_view aggregate) {
  constexpr std::array<std::string_view, 5> kLevels = {"averages", "peaks", "latest", "accrues",
                                                       "percentile"};
  return std::ranges::find(kLevels, aggregate) != kLevels.end();
}

bool is_time(const Unit& unit) { return unit.parts.size() == 1 && unit.parts.front().time; }

bool has_time(const Unit& unit) { return std::ranges::any_of(unit.parts, &UnitPart::time); }

/// The lines of a meter that say what it takes from events.
class EventLines {
 public:
  EventLines(Scope& scope, const MeterEntry& entry, Report& report)
      : scope_(scope),
        entry_(entry),
        report_(report),
        meter_(*entry.meter.declaration),
        file_(entry.name.file) {}

  void check() {
    check_takes();
    check_level();
    check_each();
    check_outcome();
    check_percentile();
  }

 private:
  Place at(Span span) const { return {file_, span}; }
  const std::string& aggregate() const { return meter_.aggregate.text; }

  Finding misfit(std::string message, Span span, std::string label = {}) {
    return report_.add("E119", std::move(message), at(span), std::move(label));
  }

  void check_takes();
  void check_target(const syntax::Take& take);
  void check_level();
  bool has_quantity_of_event(Span line);
  void check_quantity_of_event(const syntax::Quantity& quantity);
  void check_multiplier();
  void check_each();
  void check_outcome();
  void check_time_span(const syntax::Quantity& span);
  void check_percentile();

  Scope& scope_;
  const MeterEntry& entry_;
  Report& report_;
  const syntax::Meter& meter_;
  const uint32_t file_;
};

void EventLines::check_takes() {
  if (meter_.takes.empty()) return;
  const syntax::Take& first = meter_.takes.front();
  if (aggregate() == "counts") {
    misfit("a meter that counts takes nothing from its events", first.span, "each event counts 1")
        .help(fmt::format("to add up a field, write `meter {} sums ...`", entry_.meter.name));
    return;
  }
  if (meter_.from.empty() && !meter_.damaged) {
    misfit("this meter does not say which events it takes this from", first.span)
        .help("add a line `from EVENT` above");
  }
  std::set<std::pair<std::string, std::string>> targets;
  for (const syntax::Take& take : meter_.takes) {
    if (meter_.takes.size() > 1 && !take.as_value) {
      misfit("several `take` lines each say which value they feed", take.span)
          .help("write `take FIELD as DIMENSION VALUE`");
      return;
    }
    if (!take.as_value || !take.as_dimension) continue;
    check_target(take);
    if (!targets.emplace(take.as_dimension->text, take.as_value->text).second) {
      misfit("two lines feed the same value", take.as_value->span)
          .help("add the fields up before the event is sent, or name another value");
    }
    if (take.as_dimension->text != first.as_dimension->text) {
      misfit("the `take` lines of a meter feed one dimension", take.as_dimension->span)
          .see(at(first.as_dimension->span), "the first line feeds this one")
          .help("feed the other dimension by a field of its own name");
      return;
    }
  }
}

void EventLines::check_target(const syntax::Take& take) {
  auto index = scope_.dimension(entry_, *take.as_dimension, file_);
  if (!index) return;
  const DimensionEntry& dimension = scope_.dimensions()[entry_.dimensions[*index]];
  if (dimension.dimension.declaration->values.empty()) {
    misfit(fmt::format("{} follows from the event itself", quoted(dimension.dimension.name)),
           take.as_dimension->span, "a value cannot be given to it")
        .see(dimension.name, "declared here")
        .help("leave `as` out, or declare the dimension with `is` and its values");
    return;
  }
  scope_.value(dimension, *take.as_value, file_);
}

void EventLines::check_level() {
  if (follows_level(aggregate())) return;
  for (const auto& word : {meter_.step, meter_.until}) {
    if (!word) continue;
    misfit(fmt::format("a meter that {} has no level to follow", aggregate()), word->span)
        .help(
            "`step` and `until` are for `averages`, `peaks`, `latest`, `accrues` and "
            "`percentile`");
  }
}

/// Whether the meter takes a quantity from each event, which the line could act on.
bool EventLines::has_quantity_of_event(Span line) {
  if (aggregate() == "counts") {
    misfit("each event of this meter counts 1", line)
        .help("`each ...` lines are for meters that sum or list");
    return false;
  }
  if (aggregate() == "accrues") {
    misfit("this meter measures a level over time, not each event", line)
        .help(
            "`each ...` lines are for meters that sum or list: for a least time of each start, let "
            "the event that ends it say how long it took, and sum that field");
    return false;
  }
  if (follows_level(aggregate())) {
    misfit("this meter follows a level, not each event", line)
        .help(
            "`each ...` lines are for meters that sum or list: lift, round or multiply the level "
            "before the event is sent");
    return false;
  }
  return true;
}

void EventLines::check_quantity_of_event(const syntax::Quantity& quantity) {
  if (!has_quantity_of_event(quantity.span)) return;
  auto value = read_number(quantity.number, file_, kQuantityLimits, report_);
  if (value && value->is_zero()) {
    report_.add("E128", "this quantity cannot be zero", at(quantity.number.span))
        .help("leave the line out");
  }
  const Unit* unit = scope_.unit(quantity.unit, file_);
  const auto expected = scope_.units_of_event(entry_);
  const auto is_unit = [&](const Unit* other) { return convertible(*unit, *other); };
  if (!unit || std::ranges::any_of(expected, is_unit)) return;
  std::string names;
  for (const Unit* one : expected) names += (names.empty() ? "" : " or ") + one->plural;
  if (meter_.each_times && is_unit(entry_.unit)) {
    report_
        .add("E102", fmt::format("this quantity is not in {} yet", unit->plural),
             at(quantity.unit.span), fmt::format("before it is multiplied; expected {}", names))
        .see(at(meter_.each_times->span), "multiplied here")
        .help(fmt::format("write it in {}", names));
    return;
  }
  const bool lacks_a_part = std::ranges::any_of(scope_.without_a_part(*entry_.unit), is_unit);
  report_
      .add("E102",
           fmt::format("this quantity is in {}, but its meter {}", unit->plural, entry_.measures()),
           at(quantity.unit.span),
           fmt::format("{}; expected {}", kind_of(*unit), kind_of(*expected.front())))
      .see(entry_.unit_place, "declared here")
      .help(fmt::format("write it in {}", names) +
            (lacks_a_part ? ", or say below by which field it is multiplied: `each times FIELD`"
                          : ""));
}

/// `each times` is the last thing that is done with an event's quantity, and stands where it acts:
/// above `each at least 60 seconds` it would read as if that were a minimum of the product.
void EventLines::check_multiplier() {
  if (!meter_.each_times) return;
  const Span times = meter_.each_times->span;
  if (!has_quantity_of_event(times)) return;
  if (meter_.takes.empty() && !meter_.damaged) {
    misfit("this meter takes nothing that could be multiplied", times)
        .help(fmt::format("add a line `take FIELD`, or take this field: `take {}`",
                          meter_.each_times->text));
  }
  for (const auto* above : {meter_.each_at_least ? &meter_.each_at_least->span : nullptr,
                            meter_.each_rounded ? &meter_.each_rounded->step.span : nullptr}) {
    if (!above || above->begin < times.begin) continue;
    misfit("`each times` stands above what acts before it", times)
        .see(at(*above), "acts on what is then multiplied")
        .help("write `each times` as the last of the `each` lines");
    return;
  }
}

void EventLines::check_each() {
  if (meter_.each_rounded) check_quantity_of_event(meter_.each_rounded->step);
  if (meter_.each_at_least) check_quantity_of_event(*meter_.each_at_least);
  check_multiplier();
}

void EventLines::check_time_span(const syntax::Quantity& span) {
  auto value = read_number(span.number, file_, kQuantityLimits, report_);
  if (value && value->is_zero()) {
    report_.add("E128", "this time cannot be zero", at(span.number.span))
        .help("leave the line out");
  }
  const Unit* unit = scope_.unit(span.unit, file_);
  if (!unit || is_time(*unit)) return;
  misfit(fmt::format("{} is no time", quoted(span.unit.text)), span.unit.span,
         fmt::format("{}; expected hours or days", kind_of(*unit)))
      .help("write a time such as `72 hours` or `30 days`");
}

void EventLines::check_outcome() {
  if (meter_.within) check_time_span(*meter_.within);
  if (meter_.unless_within) check_time_span(*meter_.unless_within);
  const syntax::Word* first = meter_.when       ? &*meter_.when
                              : meter_.after    ? &*meter_.after
                              : meter_.unless   ? &*meter_.unless
                              : meter_.once_per ? &*meter_.once_per
                                                : nullptr;
  if (!first || meter_.damaged) return;
  if (aggregate() != "counts") {
    misfit(fmt::format("an outcome is counted, but this meter {}", aggregate()), first->span)
        .see(entry_.unit_place, "here")
        .help(fmt::format("write `meter {} counts ...`", entry_.meter.name));
  } else if (!meter_.when && meter_.from.empty()) {
    misfit("this meter does not say which event is the outcome", first->span)
        .help("add a line `when EVENT` above");
  } else if (meter_.when && !meter_.from.empty()) {
    misfit("an outcome names its event once", meter_.when->span)
        .see(at(meter_.from.front().span), "`from` names one as well")
        .help("leave the `from` line out");
  }
}

void EventLines::check_percentile() {
  if (!meter_.percentile) return;
  auto value = read_number(*meter_.percentile, file_, kPercentLimits, report_);
  if (!value || (!value->is_zero() && *value <= Ratio(100))) return;
  misfit("a percentile is above 0 and at most 100", meter_.percentile->span)
      .help("write `percentile 95`, or `peaks` for the highest value");
}

}  // namespace

void Scope::declare(const syntax::Meter& meter, Place block) {
  const Place place{block.file, meter.name.span};
  auto canonical = texts_.canonical(block);
  const auto index = static_cast<uint32_t>(meters_.size());
  auto [found, fresh] = meter_by_name_.emplace(meter.name.text, index);
  if (!fresh) {
    MeterEntry& first = meters_[found->second];
    if (first.canonical == canonical) return;  // said once more, word for word
    first.sound = false;
    return report_twice("meter", meter.name, place, first.name);
  }
  MeterEntry entry;
  entry.name = place;
  entry.unit_place = {block.file, meter.unit.span};
  entry.block = block;
  entry.canonical = std::move(canonical);
  entry.meter.name = meter.name.text;
  entry.meter.declaration = std::make_shared<const syntax::Meter>(meter);
  entry.meter.source = texts_.source_line({block.file, meter.span});
  meters_.push_back(std::move(entry));
}

/// A meter that counts distinct values of a field counts what the field is the id of: `user` for
/// `counts distinct user_id`; failing that, what the meter is called.
void Scope::settle_unit_of(MeterEntry& entry) {
  const syntax::Meter& meter = *entry.meter.declaration;
  const uint32_t file = entry.name.file;
  if (!meter.distinct) {
    entry.unit = unit(meter.unit, file);
    return;
  }
  std::string field = meter.unit.text;
  if (field.ends_with("_id")) field.resize(field.size() - 3);
  for (const std::string& name : {field, meter.name.text}) {
    if (!unit_by_name_.contains(name)) continue;
    entry.unit = unit({name, meter.unit.span}, file);
    return;
  }
  if (is_unread(field) || is_unread(meter.name.text)) return report_.hold_back();
  report_
      .add("E122", fmt::format("nothing says what one of {} is called", quoted(meter.name.text)),
           {file, meter.unit.span}, "each value of this field counts 1")
      .help(fmt::format("declare a unit: `unit {}, {}s`", field, field));
}

void Scope::settle_dimensions_of(MeterEntry& entry) {
  const uint32_t file = entry.name.file;
  for (const auto& word : entry.meter.declaration->by) {
    auto found = dimension_by_name_.find(word.text);
    if (found == dimension_by_name_.end()) {
      if (!may_report("E124", {file, word.span}, word.text)) continue;
      std::vector<std::string> names;
      for (const auto& other : dimensions_) names.push_back(other.dimension.name);
      const std::string nearest = suggest(word.text, names);
      report_
          .add("E124", fmt::format("there is no dimension {}", quoted(word.text)),
               {file, word.span})
          .help(nearest.empty() ? fmt::format("declare it: `dimension {} is ...`", word.text)
                                : fmt::format("did you mean {}?", quoted(nearest)));
      continue;
    }
    DimensionEntry& dimension = dimensions_[found->second];
    dimension.used = true;
    if (!dimension.sound) report_.hold_back();
    if (std::ranges::find(entry.dimensions, found->second) != entry.dimensions.end()) {
      report_.add("E120", fmt::format("{} stands twice", quoted(word.text)), {file, word.span})
          .help("leave one of them out");
      continue;
    }
    entry.dimensions.push_back(found->second);
  }
}

void Scope::settle(MeterEntry& entry) {
  const syntax::Meter& meter = *entry.meter.declaration;
  const auto errors = report_.errors();
  settle_unit_of(entry);
  settle_dimensions_of(entry);
  if (entry.unit) {
    entry.meter.unit = entry.unit->singular;
    entry.meter.unit_plural = entry.unit->plural;
    entry.units = entry.unit->declared;
    if (meter.aggregate.text == "accrues" && !has_time(*entry.unit)) {
      report_
          .add("E119", fmt::format("{} holds no time", quoted(meter.unit.text)),
               {entry.name.file, meter.unit.span}, "what accrues is a level times a time")
          .help(fmt::format("write `{}-month` or `{}-hour`", entry.unit->singular,
                            entry.unit->singular));
    }
    if (report_.errors() == errors) EventLines(*this, entry, report_).check();
  }
  for (const auto* quantity : {meter.each_rounded ? &meter.each_rounded->step : nullptr,
                               meter.each_at_least ? &*meter.each_at_least : nullptr,
                               meter.within ? &*meter.within : nullptr,
                               meter.unless_within ? &*meter.unless_within : nullptr}) {
    if (!quantity) continue;
    const auto& resolved = unit_system_.resolve(quantity->unit.text);
    if (!resolved) continue;  // reported above
    entry.units.insert(entry.units.end(), resolved->declared.begin(), resolved->declared.end());
  }
  if (report_.errors() == errors && entry.unit && !meter.damaged) bind(entry);
  if (report_.errors() != errors || !entry.unit || meter.damaged) entry.sound = false;
}

}  // namespace toll::dsl::checker
