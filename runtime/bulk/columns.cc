#include "runtime/bulk/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/diagnostic.h"
#include "dsl/near_value.h"
#include "runtime/quoting/warnings.h"
#include "runtime/quoting/whole_counts.h"

namespace toll::runtime {
namespace {

constexpr std::string_view kCustomer = "customer", kMeter = "meter", kQuantity = "quantity",
                           kAmount = "amount";

std::vector<std::string> meter_names(const dsl::RateCard& card) {
  std::vector<std::string> names;
  for (const dsl::Meter& meter : card.meters) names.push_back(meter.name);
  return names;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known,
                         std::string otherwise) {
  const std::string meant = dsl::suggest(name, known);
  return meant.empty() ? std::move(otherwise) : fmt::format("did you mean `{}`?", meant);
}

class HeaderReader {
 public:
  HeaderReader(const Revision& revision, std::span<const std::string_view> header,
               std::span<const std::string> keep)
      : revision_(revision), card_(revision.card()), header_(header), keep_(keep) {}

  std::expected<TableColumns, TableFault> read() {
    if (header_.size() == 1 && header_[0].find_first_of(";\t") != header_[0].npos)
      return fault(0, "this header is one column", "separate the columns by commas");
    if (auto why = unfit_keep()) return std::unexpected(*std::move(why));
    for (size_t i = 0; i < header_.size(); ++i) {
      if (header_[i].empty()) return fault(i, "this column has no name");
      if (header_[i] == kAmount) return fault(i, "the column `amount` is the one that is added");
      if (std::ranges::count(header_.first(i), header_[i]) > 0)
        return fault(i, fmt::format("the column `{}` stands twice", header_[i]));
    }
    auto result = place_of(kQuantity) ? read_long() : read_wide();
    if (!result) return result;
    result->customer = place_of(kCustomer);
    result->warnings = std::move(warnings_);
    return result;
  }

 private:
  static std::unexpected<TableFault> fault(size_t column, std::string message,
                                           std::string help = {}) {
    return std::unexpected(TableFault{1, column + 1, std::move(message), std::move(help)});
  }

  std::optional<size_t> place_of(std::string_view name) const {
    const auto found = std::ranges::find(header_, name);
    if (found == header_.end()) return std::nullopt;
    return static_cast<size_t>(found - header_.begin());
  }

  /// What is passed on has to be there, and must not be usage: that would cost nothing.
  std::optional<TableFault> unfit_keep() const {
    for (const std::string& name : keep_) {
      const auto place = place_of(name);
      const std::vector<std::string> columns(header_.begin(), header_.end());
      if (!place)
        return TableFault{
            1, 0, fmt::format("there is no column `{}` to keep", name),
            did_you_mean(name, columns,
                         fmt::format("the columns are {}", fmt::join(columns, ", ")))};
      if (revision_.meter(std::string_view(name).substr(0, name.find('['))) != Revision::kNone)
        return TableFault{1, *place + 1,
                          fmt::format("`{}` is usage, which would not be billed", name),
                          fmt::format("leave `--keep {}` out", name)};
    }
    return std::nullopt;
  }

  /// Why no meter is known, and the way out. REQUIRES: the card has none, or has plans.
  std::string without_meters() const {
    if (!card_.plan.empty() || card_.plans.empty())
      return fmt::format("no usage is billed {}", card_.plan.empty()
                                                      ? fmt::format("by `{}`", card_.name)
                                                      : fmt::format("in plan `{}`", card_.plan));
    return fmt::format("say in which plan the customers are, with `--plan`: {}",
                       fmt::join(card_.plans, ", "));
  }

  std::string known_meters() const {
    return card_.meters.empty()
               ? without_meters()
               : fmt::format("its meters are {}", fmt::join(meter_names(card_), ", "));
  }

  /// What a CSV field cannot say: items, days.
  std::optional<std::string> unfit(uint32_t meter) const {
    if (card_.meters[meter].grain == dsl::Grain::Cell) return std::nullopt;
    return fmt::format("`{}` is priced {} by {}, and a table has only the quantity of a period",
                       card_.meters[meter].name,
                       card_.meters[meter].grain == dsl::Grain::Item ? "item" : "day",
                       card_.meters[meter].grain == dsl::Grain::Item ? "item" : "day");
  }

  std::expected<TableColumns, TableFault> read_wide() {
    TableColumns result;
    bool any = false;
    for (size_t i = 0; i < header_.size(); ++i) {
      TableColumn column{.name = std::string(header_[i]), .cell = {}};
      if (!is_kept(header_[i])) {
        auto cell = read_cell(i);
        if (!cell) return std::unexpected(std::move(cell.error()));
        for (const TableColumn& other : result.columns)
          if (other.cell == *cell)
            return fault(i,
                         fmt::format("`{}` and `{}` are the same cell", other.name, column.name));
        column.cell = *std::move(cell);
        column.whole = counts_whole(card_.meters[column.cell->meter]);
        any = true;
      }
      result.columns.push_back(std::move(column));
    }
    if (!any) return fault(0, "no column is a meter of the card", known_meters());
    return result;
  }

  bool is_kept(std::string_view name) const {
    return name == kCustomer || std::ranges::find(keep_, name) != keep_.end();
  }

  /// `meter` or `meter[value,value]`.
  std::expected<TableCell, TableFault> read_cell(size_t column) {
    const std::string_view name = header_[column];
    const size_t bracket = name.find('[');
    const std::string_view meter_name = name.substr(0, bracket);
    TableCell cell;
    cell.meter = revision_.meter(meter_name);
    if (cell.meter == Revision::kNone) return unknown_meter(column, meter_name);
    if (auto why = unfit(cell.meter)) return fault(column, *std::move(why));
    std::string_view values;
    if (bracket != name.npos) {
      if (!name.ends_with(']')) return fault(column, fmt::format("`{}` has no `]`", name));
      values = name.substr(bracket + 1, name.size() - bracket - 2);
    }
    return with_values(column, std::move(cell), split(values));
  }

  std::unexpected<TableFault> unknown_meter(size_t column, std::string_view name) const {
    // What is common to all plans need not have the meters of each.
    if (card_.plan.empty() && !card_.plans.empty() &&
        dsl::suggest(name, meter_names(card_)).empty())
      return fault(
          column,
          fmt::format("`{}` is no meter of what is common to all plans of `{}`", name, card_.name),
          without_meters());
    const std::string plan = card_.plan.empty() ? "" : fmt::format("plan `{}` of ", card_.plan);
    return fault(
        column, fmt::format("`{}` is no meter of {}the card `{}`", name, plan, card_.name),
        did_you_mean(
            name, meter_names(card_),
            fmt::format(
                "a column that is no usage is passed on with `--keep {}`; {}", header_[column],
                card_.meters.empty()
                    ? without_meters()
                    : fmt::format("the meters are {}", fmt::join(meter_names(card_), ", ")))));
  }

  static std::vector<std::string_view> split(std::string_view values) {
    std::vector<std::string_view> parts;
    while (!values.empty()) {
      const size_t end = std::min(values.find(','), values.size());
      std::string_view part = values.substr(0, end);
      while (part.starts_with(' ')) part.remove_prefix(1);
      parts.push_back(part);
      values.remove_prefix(std::min(end + 1, values.size()));
    }
    return parts;
  }

  std::expected<TableCell, TableFault> with_values(size_t column, TableCell cell,
                                                   const std::vector<std::string_view>& values) {
    const dsl::Meter& meter = card_.meters[cell.meter];
    std::vector<std::string> names;
    for (const uint32_t dimension : meter.dimensions)
      names.push_back(card_.dimensions[dimension].name);
    if (values.size() != names.size())
      return names.empty()
                 ? fault(column, fmt::format("`{}` has no dimensions", meter.name))
                 : fault(column,
                         fmt::format("`{}` counts by {}", meter.name, fmt::join(names, ", ")),
                         fmt::format("name the cell: `{}[{}]`, in quotes where it has a comma",
                                     meter.name, fmt::join(names, ",")));
    for (size_t i = 0; i < values.size(); ++i) {
      const dsl::Dimension& dimension = card_.dimensions[meter.dimensions[i]];
      cell.values.push_back(revision_.value(meter.dimensions[i], values[i]));
      if (cell.values.back() == Revision::kNone)
        return fault(
            column, fmt::format("`{}` is not a value of `{}`", values[i], dimension.name),
            did_you_mean(values[i], dimension.values,
                         fmt::format("its values are {}", fmt::join(dimension.values, ", "))));
      add_warning(warnings_, dsl::warning_of_other(dimension, values[i]));
    }
    return cell;
  }

  std::expected<TableColumns, TableFault> read_long() const {
    for (const std::string& name : keep_)
      if (name != kCustomer)
        return fault(*place_of(name),
                     "a table with a column `quantity` comes out with a row a customer: no other "
                     "column is passed on",
                     fmt::format("leave the column `{}` out", name));
    TableColumns result;
    LongColumns places;
    places.quantity = *place_of(kQuantity);
    const auto customer = place_of(kCustomer);
    if (!customer)
      return fault(places.quantity, "with a column `quantity` there must be one `customer`",
                   "the rows of a customer add up to one bill");
    places.customer = *customer;
    places.meter = place_of(kMeter);
    places.dimensions.resize(card_.dimensions.size());
    for (size_t i = 0; i < header_.size(); ++i) {
      result.columns.push_back({.name = std::string(header_[i]), .cell = {}});
      if (i == places.customer || i == places.quantity || i == places.meter) continue;
      const auto dimension = std::ranges::find(card_.dimensions, header_[i], &dsl::Dimension::name);
      if (dimension == card_.dimensions.end()) return unknown_dimension(i);
      places.dimensions[static_cast<size_t>(dimension - card_.dimensions.begin())] = i;
    }
    if (auto why = settle_meter(places)) return std::unexpected(*std::move(why));
    result.long_form = std::move(places);
    return result;
  }

  std::unexpected<TableFault> unknown_dimension(size_t column) const {
    std::vector<std::string> known = {std::string(kCustomer), std::string(kMeter)};
    for (const dsl::Dimension& dimension : card_.dimensions) known.push_back(dimension.name);
    return fault(
        column, fmt::format("`{}` is no dimension of the card", header_[column]),
        did_you_mean(header_[column], known,
                     fmt::format("the columns may be quantity, {}", fmt::join(known, ", "))));
  }

  /// Without a column that says the meter there must be only one.
  std::optional<TableFault> settle_meter(LongColumns& places) const {
    if (places.meter) return std::nullopt;
    if (card_.meters.size() != 1)
      return TableFault{1, places.quantity + 1, "this table does not say whose quantity it is",
                        card_.meters.empty()
                            ? without_meters()
                            : fmt::format("add a column `meter`; the card's are {}",
                                          fmt::join(meter_names(card_), ", "))};
    const auto why = unfit(0);
    if (why) return TableFault{1, places.quantity + 1, *why, {}};
    for (const uint32_t dimension : card_.meters[0].dimensions)
      if (!places.dimensions[dimension])
        return TableFault{1, 0,
                          fmt::format("there is no column `{}`", card_.dimensions[dimension].name),
                          fmt::format("`{}` counts by it", card_.meters[0].name)};
    return std::nullopt;
  }

  const Revision& revision_;
  const dsl::RateCard& card_;
  const std::span<const std::string_view> header_;
  const std::span<const std::string> keep_;
  std::vector<std::string> warnings_;
};

}  // namespace

size_t TableColumns::place_of(std::string_view name) const {
  const auto found = std::ranges::find(columns, name, &TableColumn::name);
  return found == columns.end() ? kNone : static_cast<size_t>(found - columns.begin());
}

std::expected<TableColumns, TableFault> read_columns(const Revision& revision,
                                                     std::span<const std::string_view> header,
                                                     std::span<const std::string> keep) {
  return HeaderReader(revision, header, keep).read();
}

}  // namespace toll::runtime
