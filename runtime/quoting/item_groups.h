// The items of a line, told in a few sentences: the dearest ones, equal ones together, and the rest
// as a sum.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/ratio.h"
#include "compiler/interpreter.h"

namespace toll::runtime {

/// One step of an item's derivation, as the interpreter tells it.
struct ItemStep {
  enum class Kind { Quantity, Tier, Money } kind = Kind::Tier;
  uint32_t part = 0;
  compiler::PricedTier tier{};  ///< Tier
  uint32_t step = 0;            ///< Quantity, Money
  Ratio before{}, after{};      ///< Quantity, Money
};

/// Items that are alike in all that a reader sees.
struct ItemGroup {
  Ratio amount;  ///< of each, in minor units
  Ratio quantity;
  uint32_t part = 0;
  bool free = false;

  friend std::strong_ordering operator<=>(const ItemGroup&, const ItemGroup&) = default;
};

/// Keeps a few groups however many items there are. Plain value.
class ItemGroups {
 public:
  static constexpr size_t kShown = 5;

  /// `steps` are those of this item.
  void add(const ItemGroup& item, std::vector<ItemStep> steps);

  struct Members {
    uint64_t count = 0;
    std::vector<ItemStep> steps;  ///< of the first of them
  };
  const std::map<ItemGroup, Members, std::greater<>>& shown() const { return shown_; }
  uint64_t count() const { return count_; }                   ///< of all items
  uint64_t rest_count() const { return rest_count_; }         ///< of those that are not shown
  const std::optional<Ratio>& rest() const { return rest_; }  ///< their sum, where it fits

 private:
  void put_aside(const ItemGroup& group, uint64_t count);

  std::map<ItemGroup, Members, std::greater<>> shown_;
  uint64_t count_ = 0, rest_count_ = 0;
  std::optional<Ratio> rest_ = Ratio();
};

}  // namespace toll::runtime
