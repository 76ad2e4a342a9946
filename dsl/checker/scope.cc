#include "dsl/checker/scope.h"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

/// Help with the nearest known word, if one is near.
bool help_with_nearest(Finding& finding, std::string_view word,
                       std::span<const std::string> names) {
  constexpr size_t kComparedMax = 20'000;
  if (names.size() > kComparedMax) return false;
  const std::string nearest = suggest(word, names);
  if (nearest.empty()) return false;
  finding.help(fmt::format("did you mean {}?", quoted(nearest)));
  return true;
}

}  // namespace

std::vector<Span> blocks_of(const syntax::File& tree, uint32_t text_size) {
  std::vector<Span> blocks;
  for (const auto& declaration : tree.declarations) {
    blocks.push_back(std::visit(
        Overloaded{[](const syntax::Card& card) { return card.block; },
                   [](const auto& other) { return Span{other.span.begin, other.span.end}; }},
        declaration));
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (std::holds_alternative<syntax::Card>(tree.declarations[i])) continue;
    blocks[i].end = i + 1 < blocks.size() ? blocks[i + 1].begin : text_size;
  }
  return blocks;
}

std::optional<uint32_t> DimensionEntry::value(std::string_view name) const {
  auto found = values.find(std::string(name));
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::string MeterEntry::measures() const {
  if (meter.declaration->aggregate.text == "lists") {
    return fmt::format("lists {}", meter.unit_plural);
  }
  if (meter.declaration->aggregate.text == "counts") {
    return fmt::format("counts {}", meter.unit_plural);
  }
  return fmt::format("is in {}", meter.unit_plural);
}

Scope::Scope(std::span<const syntax::File> trees, bool complete, const Texts& texts, Report& report)
    : texts_(texts), report_(report), complete_(complete) {
  for (uint32_t file = 0; file < trees.size(); ++file) {
    for (const auto& word : trees[file].unread) unread_.insert(word.text);
    const auto blocks = blocks_of(trees[file], texts.size(file));
    for (size_t i = 0; i < blocks.size(); ++i) {
      const Place block{file, blocks[i]};
      std::visit(Overloaded{[&](const syntax::Unit& unit) { declare(unit, block); },
                            [&](const syntax::Dimension& dimension) { declare(dimension, block); },
                            [&](const syntax::Meter& meter) { declare(meter, block); },
                            [](const auto&) {}},
                 trees[file].declarations[i]);
    }
  }
  settle_units();
  unit_names_ = unit_system_.names();
  for (DimensionEntry& entry : dimensions_) settle(entry);
  for (MeterEntry& entry : meters_) settle(entry);
}

bool Scope::is_unread(const std::string& name) const {
  return !complete_ || unread_.contains(name);
}

bool Scope::may_report(std::string_view code, Place place, const std::string& word) {
  if (is_unread(word) || !reported_.emplace(code, place.file, word).second) {
    report_.hold_back();
    return false;
  }
  if (report_.lists(place.file)) return true;
  report_.add(code, {}, place);  // counted only
  return false;
}

void Scope::report_twice(std::string_view what, const syntax::Word& name, Place second,
                         Place first) {
  report_.add("E120", fmt::format("the {} {} is declared twice", what, quoted(name.text)), second)
      .see(first, "declared here first")
      .help(fmt::format("give one of them another name, or repeat the declaration word for word"));
}

const Unit* Scope::unit(const syntax::Word& word, uint32_t file) {
  const auto& resolved = unit_system_.resolve(word.text);
  if (resolved) {
    for (uint32_t id : resolved->declared) units_[id].used = true;
    return &*resolved;
  }
  const UnitFault& fault = resolved.error();
  const auto begin = static_cast<uint32_t>(word.span.begin + fault.offset);
  const Place place{file, {begin, static_cast<uint32_t>(begin + fault.part.size())}};
  if (fault.kind == UnitFault::Kind::TooLarge) {
    report_.add("E129", fmt::format("the unit {} is too large", quoted(word.text)),
                {file, word.span});
  } else if (fault.kind == UnitFault::Kind::Unsound) {
    report_.hold_back();
  } else if (may_report("E122", place, fault.part)) {
    auto finding = report_.add("E122", fmt::format("{} is not a unit", quoted(fault.part)), place);
    if (!help_with_nearest(finding, fault.part, unit_names_)) {
      finding.help(fmt::format("declare it: `unit {}`", fault.part));
    }
  }
  return nullptr;
}

const MeterEntry* Scope::meter(const syntax::Word& word, uint32_t file, std::string_view help) {
  auto found = meter_by_name_.find(word.text);
  if (found != meter_by_name_.end()) {
    MeterEntry& entry = meters_[found->second];
    entry.used = true;
    if (entry.sound) return &entry;
    report_.hold_back();
    return nullptr;
  }
  if (!may_report("E123", {file, word.span}, word.text)) return nullptr;
  std::vector<std::string> names;
  for (const MeterEntry& entry : meters_) names.push_back(entry.meter.name);
  auto finding = report_.add("E123", fmt::format("there is no meter {}", quoted(word.text)),
                             {file, word.span}, known(names));
  const bool helped = help_with_nearest(finding, word.text, names);
  if (!helped) {
    finding.help(help.empty() ? fmt::format("declare it: `meter {} counts UNIT`", word.text)
                              : std::string(help));
  }
  return nullptr;
}

std::optional<uint32_t> Scope::dimension(const MeterEntry& meter, const syntax::Word& word,
                                         uint32_t file) {
  for (uint32_t i = 0; i < meter.dimensions.size(); ++i) {
    if (dimensions_[meter.dimensions[i]].dimension.name == word.text) return i;
  }
  if (!may_report("E124", {file, word.span}, word.text)) return std::nullopt;
  std::vector<std::string> names;
  for (uint32_t i : meter.dimensions) names.push_back(dimensions_[i].dimension.name);
  auto finding = report_.add("E124",
                             fmt::format("{} is not a dimension of the meter {}", quoted(word.text),
                                         quoted(meter.meter.name)),
                             {file, word.span}, known(names));
  finding.see(meter.name, names.empty() ? "it is not split by anything" : "declared here");
  if (!help_with_nearest(finding, word.text, names) && dimension_by_name_.contains(word.text)) {
    names.push_back(word.text);
    finding.help(fmt::format("let the meter keep it: `by {}`", fmt::join(names, ", ")));
  }
  return std::nullopt;
}

std::optional<uint32_t> Scope::value(const DimensionEntry& entry, const syntax::Word& word,
                                     uint32_t file) {
  if (auto value = entry.value(word.text)) return value;
  const Dimension& dimension = entry.dimension;
  if (!may_report("E206", {file, word.span}, dimension.name + ' ' + word.text)) {
    return std::nullopt;
  }
  auto finding = report_.add(
      "E206", fmt::format("{} is not {}", quoted(word.text), with_article(dimension.name)),
      {file, word.span}, known(dimension.values));
  if (!help_with_nearest(finding, word.text, dimension.values)) {
    finding.see(entry.name, "declared here")
        .help(fmt::format("write a value of {}, or add {} to it", quoted(dimension.name),
                          quoted(word.text)));
  }
  return std::nullopt;
}

const MeterEntry* Scope::meter_in(const Unit& unit) const {
  auto found = std::ranges::find_if(meters_, [&](const MeterEntry& entry) {
    return entry.sound && convertible(*entry.unit, unit);
  });
  return found == meters_.end() ? nullptr : &*found;
}

void Scope::warn_about_unused() {
  const auto warn = [&](std::string_view what, const std::string& name, Place place,
                        std::string_view by) {
    report_
        .add("W127", fmt::format("the {} {} is not used", what, quoted(name)), place,
             fmt::format("no {} names it", by))
        .help("remove the line, or use it");
  };
  for (const UnitEntry& entry : units_) {
    if (!entry.used) warn("unit", entry.syntax->singular.text, entry.name, "meter and no card");
  }
  for (const DimensionEntry& entry : dimensions_) {
    if (!entry.used) warn("dimension", entry.dimension.name, entry.name, "meter");
  }
  for (const MeterEntry& entry : meters_) {
    if (!entry.used) warn("meter", entry.meter.name, entry.name, "card");
  }
}

}  // namespace toll::dsl::checker
