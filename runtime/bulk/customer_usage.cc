#include "runtime/bulk/customer_usage.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/near_value.h"
#include "runtime/quoting/warnings.h"
#include "runtime/quoting/whole_counts.h"

namespace toll::runtime {
namespace {

/// Of an id in JSON as well.
constexpr size_t kCustomerBytesMax = 256;

}  // namespace

CustomerUsage::CustomerUsage(const Revision& revision, const LongColumns& columns)
    : revision_(revision), columns_(columns) {}

std::string CustomerUsage::add(size_t line, std::span<const std::string_view> fields) {
  const std::string name(fields[columns_.customer]);
  if (name.empty()) return "`customer` is empty";
  if (name.size() > kCustomerBytesMax)
    return fmt::format("`customer` is longer than {} bytes", kCustomerBytesMax);
  const auto [found, is_new] = customers_.try_emplace(name);
  Customer& customer = found->second;
  if (is_new) {
    customer.first_line = line;
    in_order_.push_back(&*found);
  }
  std::string why = add_to(customer, fields);
  if (why.empty())
    ++customer.rows;
  else if (customer.line_of_fault == 0)
    customer.line_of_fault = line;
  return why;
}

std::string CustomerUsage::add_to(Customer& customer, std::span<const std::string_view> fields) {
  const auto quantity = parse_decimal(fields[columns_.quantity]);
  if (!quantity) return fmt::format("`quantity` {}", describe(quantity.error()));
  TableCell cell;
  if (std::string why = find_cell(fields, cell); !why.empty()) return why;
  const dsl::Meter& meter = revision_.card().meters[cell.meter];
  if (const std::string why = unfit_count(meter, *quantity); !why.empty())
    return fmt::format("`{}` {}", meter.name, why);
  const uint32_t index = index_of(cell);
  const auto place =
      std::ranges::find(customer.quantities, index, &std::pair<uint32_t, Decimal>::first);
  if (place == customer.quantities.end()) {
    customer.quantities.emplace_back(index, *quantity);
    return {};
  }
  const auto sum = checked_add(place->second, *quantity);
  if (!sum || *sum >= Decimal{power_of_ten(DecimalLimits{}.whole_digits_max), 0})
    return "the quantities of this customer add up to 10^18 or more";
  place->second = *sum;
  return {};
}

/// A dimension that the meter does not count by is left empty.
std::string CustomerUsage::find_cell(std::span<const std::string_view> fields, TableCell& cell) {
  const dsl::RateCard& card = revision_.card();
  cell.meter = columns_.only_meter;
  if (columns_.meter) {
    cell.meter = revision_.meter(fields[*columns_.meter]);
    if (cell.meter == Revision::kNone)
      return fmt::format("`{}` is no meter of the card `{}`", fields[*columns_.meter], card.name);
    if (card.meters[cell.meter].grain != dsl::Grain::Cell)
      return fmt::format("`{}` is priced by item or by day, and a row has only a quantity",
                         card.meters[cell.meter].name);
  }
  const dsl::Meter& meter = card.meters[cell.meter];
  for (const uint32_t dimension : meter.dimensions) {
    const std::string& name = card.dimensions[dimension].name;
    const auto column = columns_.dimensions[dimension];
    if (!column)
      return fmt::format("`{}` counts by `{}`, and there is no such column", meter.name, name);
    if (fields[*column].empty())
      return fmt::format("`{}` counts by `{}`, and it is empty", meter.name, name);
    cell.values.push_back(revision_.value(dimension, fields[*column]));
    if (cell.values.back() == Revision::kNone)
      return fmt::format("`{}` is not a value of `{}`{}", fields[*column], name,
                         dsl::but_is(card.dimensions[dimension], fields[*column]));
    add_warning(warnings_, dsl::warning_of_other(card.dimensions[dimension], fields[*column]));
  }
  for (uint32_t dimension = 0; dimension < columns_.dimensions.size(); ++dimension) {
    const auto column = columns_.dimensions[dimension];
    if (column && !fields[*column].empty() &&
        std::ranges::find(meter.dimensions, dimension) == meter.dimensions.end())
      return fmt::format("`{}` does not count by `{}`: leave the field empty", meter.name,
                         card.dimensions[dimension].name);
  }
  return {};
}

uint32_t CustomerUsage::index_of(const TableCell& cell) {
  const auto [found, is_new] =
      index_of_cell_.try_emplace(cell, static_cast<uint32_t>(cells_.size()));
  if (is_new) cells_.push_back(&found->first);
  return found->second;
}

void CustomerUsage::for_each(
    const std::function<void(const std::string&, const Customer&)>& visit) const {
  for (const auto* customer : in_order_) visit(customer->first, customer->second);
}

}  // namespace toll::runtime
