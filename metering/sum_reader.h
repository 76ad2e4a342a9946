// Reads many events for one card whose meters add up: what sums_of() gives, with the card's names
// looked up once.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "metering/sums.h"

namespace toll::metering {

/// Not thread-safe. REQUIRES: adds_up(card), and the card outlives this.
class SumReader {
 public:
  explicit SumReader(const dsl::RateCard& card);

  /// Puts what one event gives behind `sums`, numbered by `cells`: whether some meter reads it.
  /// After a rejection nothing of it is there.
  std::expected<bool, Rejection> read(const UsageEvent& event, CellNumbers& cells,
                                      std::vector<NumberedSum>& sums);

  /// Whether all values that the event read last names are listed ones; false where it was out of
  /// the common in any way.
  bool named_listed_values() const { return named_listed_values_; }

 private:
  using Values = std::unordered_map<std::string_view, uint32_t>;

  /// A meter that takes whole numbers as they are into cells that texts name: what most meters do.
  struct Plain {
    uint32_t meter = 0;
    std::vector<const Values*> dimensions;  ///< null where each take names the value
    /// Where the event before had its fields, one behind the other as they are asked for: most
    /// events of a type have the same.
    std::vector<uint32_t> places = {};
  };

  std::vector<Plain>* plain_meters_of(const std::string& type);
  bool read_plain(Plain& plain, const UsageEvent& event, CellNumbers& cells,
                  std::vector<NumberedSum>& sums);

  const dsl::RateCard& card_;
  std::vector<Values> values_;  // by dimension
  struct OfType {
    std::vector<Plain> meters;
    bool all_plain = true;
  };
  std::unordered_map<std::string, OfType> types_;
  std::vector<uint32_t> at_;  // the values of one cell
  bool named_listed_values_ = false;
};

}  // namespace toll::metering
