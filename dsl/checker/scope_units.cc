// The declarations of units: a name that is free, and a size that leads to something.
#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "base/money.h"
#include "dsl/checker/numbers.h"
#include "dsl/checker/scope.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

const syntax::Word& plural_of(const syntax::Unit& unit) {
  return unit.plural ? *unit.plural : unit.singular;
}

}  // namespace

bool Scope::unit_name_is_free(const syntax::Word& name, uint32_t file) {
  const Place place{file, name.span};
  if (unit_system_.is_built_in(name.text)) {
    report_
        .add("E121", fmt::format("{} is built in", quoted(name.text)), place,
             "it cannot be declared again")
        .help("leave the line out, or choose another name");
    return false;
  }
  if (find_currency(name.text)) {
    report_
        .add("E121", fmt::format("{} is a currency", quoted(name.text)), place,
             "it cannot be a unit of something else")
        .help("choose another name");
    return false;
  }
  return true;
}

void Scope::declare(const syntax::Unit& unit, Place block) {
  const Place place{block.file, unit.singular.span};
  auto canonical = texts_.canonical(block);
  for (const syntax::Word* name : {&unit.singular, &plural_of(unit)}) {
    auto found = unit_by_name_.find(name->text);
    if (found == unit_by_name_.end()) continue;
    UnitEntry& first = units_[found->second];
    if (first.canonical == canonical) return;  // said once more, word for word
    first.sound = false;
    report_twice("unit", *name, {block.file, name->span}, first.name);
    return;
  }

  UnitEntry entry;
  entry.syntax = &unit;
  entry.name = place;
  entry.block = block;
  entry.canonical = std::move(canonical);
  entry.sound = unit_name_is_free(unit.singular, block.file) &&
                (!unit.plural || unit_name_is_free(*unit.plural, block.file));
  const auto index = static_cast<uint32_t>(units_.size());
  unit_by_name_.emplace(unit.singular.text, index);
  unit_by_name_.emplace(plural_of(unit).text, index);
  units_.push_back(std::move(entry));
}

/// Tells the unit system about a unit whose size, if it has one, leads to settled units only.
void Scope::settle_unit(uint32_t index) {
  UnitEntry& entry = units_[index];
  const syntax::Unit& unit = *entry.syntax;
  const std::string& singular = unit.singular.text;
  const std::string& plural = plural_of(unit).text;
  if (entry.sound && !unit.size) return unit_system_.declare(singular, plural, index);

  if (entry.sound) {
    const uint32_t file = entry.name.file;
    auto size = read_number(unit.size->number, file, kQuantityLimits, report_);
    const Unit* of = this->unit(unit.size->unit, file);
    if (size && size->is_zero()) {
      report_
          .add("E128", fmt::format("a {} cannot be zero {}", singular, unit.size->unit.text),
               {file, unit.size->number.span})
          .help("leave the size out if the unit has none");
    } else if (size && of) {
      if (unit_system_.declare(singular, plural, index, *size, *of)) return;
      report_
          .add("E125", fmt::format("the size of {} has too many digits", quoted(singular)),
               {file, unit.size->span})
          .help("give it in another unit");
    }
  }
  entry.sound = false;
  unit_system_.declare_unsound(singular, plural);
}

/// Settles every unit after those that its size names: a walk in depth with a stack of its own,
/// since a chain of definitions may be as long as the text.
void Scope::settle_units() {
  enum class State : uint8_t { New, Open, Settled };
  struct Visit {
    uint32_t unit;
    size_t next = 0;  ///< into stands_on
  };
  std::vector<State> states(units_.size(), State::New);
  for (UnitEntry& entry : units_) {
    if (!entry.syntax->size) continue;
    for (auto part : std::views::split(entry.syntax->size->unit.text, '-')) {
      auto found = unit_by_name_.find(std::string(part.begin(), part.end()));
      if (found != unit_by_name_.end()) entry.stands_on.push_back(found->second);
    }
  }
  for (uint32_t start = 0; start < units_.size(); ++start) {
    if (states[start] != State::New) continue;
    std::vector<Visit> stack{{start}};
    states[start] = State::Open;
    while (!stack.empty()) {
      Visit& visit = stack.back();
      UnitEntry& entry = units_[visit.unit];
      if (visit.next == entry.stands_on.size()) {
        settle_unit(visit.unit);
        states[visit.unit] = State::Settled;
        stack.pop_back();
        continue;
      }
      const uint32_t below = entry.stands_on[visit.next++];
      if (states[below] == State::New) {
        states[below] = State::Open;
        stack.push_back({below});
      } else if (states[below] == State::Open && entry.sound) {
        entry.sound = false;
        report_
            .add("E125",
                 fmt::format("the size of {} leads back to {}", quoted(entry.syntax->singular.text),
                             quoted(units_[below].syntax->singular.text)),
                 {entry.name.file, entry.syntax->size->unit.span})
            .see(units_[below].name, "it is declared here")
            .help("give one of them a size in a unit that is built in, or none at all");
      }
    }
  }
}

}  // namespace toll::dsl::checker
