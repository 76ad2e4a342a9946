// The rows of a long table, added up by customer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/decimal.h"
#include "runtime/bulk/columns.h"

namespace toll::runtime {

class CustomerUsage {
 public:
  struct Customer {
    size_t first_line = 0;
    size_t rows = 0;           ///< without those that were none
    size_t line_of_fault = 0;  ///< of the first row that was none; 0: all are in `quantities`
    std::vector<std::pair<uint32_t, Decimal>> quantities;  ///< by cell, as they were met first
  };

  CustomerUsage(const Revision& revision, const LongColumns& columns);

  /// Adds a row. Empty, or why it is none: nothing of it was added, and its customer's bill lacks
  /// it.
  std::string add(size_t line, std::span<const std::string_view> fields);

  /// What values of rows may mean otherwise.
  const std::vector<std::string>& warnings() const { return warnings_; }

  const TableCell& cell(uint32_t index) const { return *cells_[index]; }

  /// Calls visit(customer, usage) in the order of their first rows.
  void for_each(const std::function<void(const std::string&, const Customer&)>& visit) const;

 private:
  std::string add_to(Customer& customer, std::span<const std::string_view> fields);
  std::string find_cell(std::span<const std::string_view> fields, TableCell& cell);
  uint32_t index_of(const TableCell& cell);

  const Revision& revision_;
  const LongColumns& columns_;
  std::map<TableCell, uint32_t> index_of_cell_;
  std::vector<const TableCell*> cells_;  // into the map, which moves none
  std::unordered_map<std::string, Customer> customers_;
  std::vector<std::string> warnings_;
  std::vector<const std::pair<const std::string, Customer>*> in_order_;
};

}  // namespace toll::runtime
