// Units: what quantities are counted in, and the exact factors between them.
//
// A unit is a product of base things (bytes, seconds, calls, ...) times an exact factor:
//
//   TiB-month = 1,099,511,627,776 x byte x month      KB = 1,000 x byte
//
// Two units convert into each other when their base things are the same. Calendar units form two
// families of fixed ratio, day and week, and month, quarter and year; nothing leads from one family
// to the other or to seconds, because a month has no fixed number of days and a day that changes to
// summer time has 23 hours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ratio.h"
#include "dsl/event_binding.h"

namespace toll::dsl::checker {

/// One factor of a unit: a base thing and how often it is multiplied in.
struct Power {
  uint32_t base = 0;
  int exponent = 0;
  friend bool operator==(const Power&, const Power&) = default;
};

/// One name of a compound: `month` of `GiB-months`.
struct UnitPart {
  std::string singular, plural;
  bool size = false;      ///< bytes or a multiple of them
  bool time = false;      ///< a calendar unit, or a stretch of seconds
  bool calendar = false;  ///< day, week, month, quarter, year, or a multiple of them
};

struct Unit {
  std::string singular, plural;
  Ratio factor{1};            ///< in the product of base things, > 0
  std::vector<Power> powers;  ///< by base, none with exponent 0
  std::vector<UnitPart> parts;
  bool decimal_size = false;       ///< KB, MB, ... occur in it
  bool binary_size = false;        ///< KiB, MiB, ...
  std::vector<uint32_t> declared;  ///< the declared units named in it, as given to declare()
};

/// Why a word is no unit.
struct UnitFault {
  enum class Kind {
    Unknown,   ///< `part` is no unit
    Unsound,   ///< `part` is declared, but its declaration is wrong
    TooLarge,  ///< the factor does not fit
  } kind = Kind::Unknown;
  std::string part;
  size_t offset = 0;  ///< of the part in the word, in bytes
};

/// The units of a folder: those built in, and those declared. Not safe for use by several threads.
class UnitSystem {
 public:
  UnitSystem();

  /// Whether the name, singular or plural, is taken by a unit that is built in.
  bool is_built_in(std::string_view name) const;

  /// A unit with a name only: it converts to nothing else. `id` names it in Unit::declared.
  void declare(std::string_view singular, std::string_view plural, uint32_t id);

  /// A unit that is `size` times another. REQUIRES: size > 0. False when the factor does not fit.
  bool declare(std::string_view singular, std::string_view plural, uint32_t id, const Ratio& size,
               const Unit& of);

  /// A unit whose declaration is wrong: its name is known, and every use of it a fault.
  void declare_unsound(std::string_view singular, std::string_view plural);

  /// The unit that a word names, singular or plural: `calls`, `GiB-months`. A currency code is the
  /// unit of money of that currency. The result stays valid as long as the system.
  const std::expected<Unit, UnitFault>& resolve(std::string_view word);

  /// Every name, for suggestions.
  std::vector<std::string> names() const;

 private:
  struct Named {
    Unit unit;
    bool sound = true;
  };
  void add(Unit unit, bool sound = true);
  void add_built_in(std::string_view singular, std::string_view plural, Int128 factor,
                    uint32_t base);
  std::expected<Unit, UnitFault> compose(std::string_view word) const;

  std::vector<Named> units_;
  size_t built_in_count_ = 0;
  uint32_t base_count_ = 0;
  std::unordered_map<std::string, size_t> by_name_;
  std::unordered_map<std::string, std::expected<Unit, UnitFault>> resolved_;
};

/// Whether a quantity of one unit is a quantity of the other.
bool convertible(const Unit& a, const Unit& b);

/// `quantity` of `from` in `to`; empty when it does not fit. REQUIRES: convertible(from, to).
std::optional<Ratio> convert(const Ratio& quantity, const Unit& from, const Unit& to);

/// Two units that would be the same if calendar times had a fixed length: GPU-month and GPU-hour.
bool differ_in_calendar_only(const Unit& a, const Unit& b);

/// A unit of time: `hours` is 3,600 of the clock's seconds. Empty for every other unit.
std::optional<TimeSpan> as_time(const Unit& unit);

/// The name in a compound that is a time, `month` in GiB-month; null if there is none.
const UnitPart* time_of(const Unit& unit);

/// "bytes × month": what a unit counts.
std::string kind_of(const Unit& unit);

}  // namespace toll::dsl::checker
