// Scope: the units, dimensions and meters of a folder, by name, and what is wrong with them.
//
// Every look-up by a word of the user reports the word when it names nothing, once a file, and
// stays silent where another error already explains why: a name whose line could not be read, a
// declaration that is wrong itself. Either way the errors of the Report go up, so that the card
// that asked is held back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dsl/checker/report.h"
#include "dsl/checker/texts.h"
#include "dsl/checker/units.h"
#include "dsl/rate_card.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

struct UnitEntry {
  const syntax::Unit* syntax = nullptr;
  Place name;                       ///< where it is declared
  Place block;                      ///< its lines
  std::string canonical;            ///< its text, for its identity
  std::vector<uint32_t> stands_on;  ///< the declared units that its size names
  bool sound = true, used = false;
};

struct DimensionEntry {
  Dimension dimension;
  Place name;
  Place block;
  std::string canonical;
  std::unordered_map<std::string, uint32_t> values;  ///< indices into dimension.values
  bool sound = true, used = false;

  std::optional<uint32_t> value(std::string_view name) const;
};

struct MeterEntry {
  Meter meter;  ///< without dimensions: their numbers differ from card to card
  Place name;
  Place unit_place;
  Place block;
  std::string canonical;
  const Unit* unit = nullptr;        ///< set where sound
  std::vector<uint32_t> dimensions;  ///< into Scope::dimensions()
  std::vector<uint32_t> units;       ///< the declared units that it names
  bool sound = true, used = false;

  /// "counts calls", "is in GiB-months": what the meter does, to follow its name.
  std::string measures() const;
};

class Costs;

/// Not safe for use by several threads.
class Scope {
 public:
  /// Takes the declarations from all trees; `complete` says that no file was refused as a whole.
  /// REQUIRES: all arguments outlive it.
  Scope(std::span<const syntax::File> trees, bool complete, const Texts& texts, Report& report);

  /// The unit that a word names, or null.
  const Unit* unit(const syntax::Word& word, uint32_t file);

  /// The meter that a word names, or null; `help` is offered where there is none.
  const MeterEntry* meter(const syntax::Word& word, uint32_t file, std::string_view help = {});

  /// Of the dimensions of `meter` the one that a word names, as an index into meter.dimensions.
  std::optional<uint32_t> dimension(const MeterEntry& meter, const syntax::Word& word,
                                    uint32_t file);

  /// The value that a word names, in a row or a condition.
  std::optional<uint32_t> value(const DimensionEntry& dimension, const syntax::Word& word,
                                uint32_t file);

  /// A dimension as a file knows it: a version written before a value was added keeps the list that
  /// its own file declares, and the value is none of its own.
  uint32_t dimension_in(uint32_t file, uint32_t dimension) const;

  const std::vector<UnitEntry>& units() const { return units_; }
  const std::vector<DimensionEntry>& dimensions() const { return dimensions_; }
  const std::vector<MeterEntry>& meters() const { return meters_; }

  /// The cost tables, which stand on the scope themselves: they are set before cards are checked.
  const Costs& costs() const { return *costs_; }
  void set_costs(const Costs& costs) { costs_ = &costs; }

  /// A meter whose unit a quantity of `unit` could be counted in, for suggestions; null if none.
  const MeterEntry* meter_in(const Unit& unit) const;

  bool has_meter(const std::string& name) const { return meter_by_name_.contains(name); }

  /// The units that an event's quantity may be in: the meter's, or what `each times` multiplies
  /// into it, hours or GPUs for GPU-hours. REQUIRES: meter.unit
  std::vector<const Unit*> units_of_event(const MeterEntry& meter);

  /// A compound without one of its parts, for each part; none for what is no compound.
  std::vector<const Unit*> without_a_part(const Unit& compound);

  /// Whether a word names a unit; nothing is reported.
  bool is_unit(const std::string& name) { return unit_system_.resolve(name).has_value(); }

  /// Whether an unknown name may be one whose declaration could not be read.
  bool is_unread(const std::string& name) const;

  void warn_about_unused();

 private:
  // scope_units.cc, scope_dimensions.cc, scope_meters.cc
  void declare(const syntax::Unit& unit, Place block);
  bool unit_name_is_free(const syntax::Word& name, uint32_t file);
  void settle_units();
  void settle_unit(uint32_t index);
  void declare(const syntax::Dimension& dimension, Place block);
  void settle(DimensionEntry& entry);
  void declare(const syntax::Meter& meter, Place block);
  void settle(MeterEntry& entry);
  void settle_unit_of(MeterEntry& entry);
  void settle_dimensions_of(MeterEntry& entry);
  // event_bindings.cc; REQUIRES: what is bound was found sound
  void bind(MeterEntry& entry);
  std::optional<TimeSpan> time_span(const syntax::Quantity& span, uint32_t file);
  std::optional<Ratio> in_unit_of_event(const MeterEntry& entry, const syntax::Quantity& quantity);

  /// True when a word that names nothing is to be reported here and now. Otherwise it is only
  /// counted: it was reported in this file before, it may stand in a line that could not be read,
  /// or the list of the file is full.
  bool may_report(std::string_view code, Place place, const std::string& word);
  void report_twice(std::string_view what, const syntax::Word& name, Place second, Place first);

  const Costs* costs_ = nullptr;
  const Texts& texts_;
  Report& report_;
  const bool complete_;
  UnitSystem unit_system_;
  std::vector<UnitEntry> units_;
  std::vector<DimensionEntry> dimensions_;
  std::vector<MeterEntry> meters_;
  std::unordered_map<std::string, uint32_t> unit_by_name_;       ///< singular and plural
  std::unordered_map<std::string, uint32_t> dimension_by_name_;  ///< the one with most values
  std::map<std::pair<std::string, uint32_t>, uint32_t> dimension_in_file_;  ///< by name and file
  std::unordered_map<std::string, uint32_t> meter_by_name_;
  std::unordered_set<std::string> unread_;
  std::set<std::tuple<std::string_view, uint32_t, std::string>> reported_;
  std::vector<std::string> unit_names_;  ///< all, for suggestions
};

/// The block of each declaration of a tree: from its first line up to the next declaration.
std::vector<Span> blocks_of(const syntax::File& tree, uint32_t text_size);

}  // namespace toll::dsl::checker
