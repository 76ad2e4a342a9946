// What must hold among the closed periods of subscriptions, for the audit.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/closed_period.h"

namespace toll::engine {

class ClosedChain {
 public:
  /// A row of State; what is neither a closed period nor says what is settled is passed over.
  void add(const std::string& tenant, std::string_view key, std::string_view value);

  uint64_t periods() const { return periods_; }

  /// After all rows: a sentence each.
  std::vector<std::string> faults() const;

 private:
  void add_settled(const std::string& tenant, const std::string& customer, std::string_view value);

  std::map<std::string, std::vector<ClosedPeriod>> by_subscription_;  // by the key without the day
  std::map<std::string, Date> settled_until_;                         // by the same key
  std::vector<std::string> damaged_;
  uint64_t periods_ = 0;
};

}  // namespace toll::engine
