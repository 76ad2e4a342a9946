#include "runtime/rate_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/money.h"
#include "runtime/bulk/bill_rater.h"
#include "runtime/bulk/blocks.h"
#include "runtime/bulk/columns.h"
#include "runtime/bulk/customer_usage.h"
#include "runtime/bulk/earlier_bills.h"
#include "runtime/bulk/rows.h"
#include "runtime/bulk/wide_rows.h"
#include "runtime/csv.h"
#include "runtime/quoting/warnings.h"

namespace toll::runtime {
namespace {

TableFault stream_fault(const Error& error) { return {0, 0, error.message, {}}; }

/// Puts out what blocks have become, and adds up.
class Results {
 public:
  Results(const TableOptions& options, const TableStreams& streams)
      : options_(options), streams_(streams) {}

  Result<void> take(Block& block) {
    if (!block.amounts.empty() && streams_.amounts)
      if (auto written = streams_.amounts(block.amounts); !written) return written;
    if (!block.rejections.empty()) {
      if (auto written = begin_rejections(); !written) return written;
      if (auto written = streams_.rejections(block.rejections); !written) return written;
    }
    const auto sum = checked_add(totals_.total, block.totals.total);
    if (!sum) return std::unexpected(Error{"the amounts of the table do not add up"});
    totals_.total = *sum;
    totals_.rows += block.totals.rows;
    totals_.rated += block.totals.rated;
    totals_.rejected += block.totals.rejected;
    totals_.bills += block.totals.bills;
    if (options_.progress) options_.progress(totals_);
    return {};
  }

  const TableTotals& totals() const { return totals_; }

 private:
  Result<void> begin_rejections() {
    if (std::exchange(rejections_begun_, true)) return {};
    return streams_.rejections("line,reason,text\n");
  }

  const TableOptions& options_;
  const TableStreams& streams_;
  TableTotals totals_;
  bool rejections_begun_ = false;
};

class Table {
 public:
  Table(const CardSet& cards, const TableOptions& options, const TableStreams& streams,
        const BoundUsage& bound)
      : cards_(cards),
        options_(options),
        streams_(streams),
        bound_(bound),
        reader_(streams),
        results_(options, streams) {}

  std::expected<TableTotals, TableFault> rate() {
    auto header = reader_.header(is_json());
    if (!header) return std::unexpected(stream_fault(header.error()));
    if (auto fault = read_header(*header)) return std::unexpected(*std::move(fault));
    const Result<void> done = columns_.long_form ? rate_long() : rate_wide(*header);
    if (!done) return std::unexpected(stream_fault(done.error()));
    TableTotals totals = results_.totals();
    totals.warnings = std::move(columns_.warnings);
    add_warning(totals.warnings, warning_of_no_plan(bound_.revision->card()));
    return totals;
  }

 private:
  bool is_json() const { return options_.format == TableFormat::Ndjson; }

  std::optional<TableFault> read_header(std::string_view header) {
    if (header.empty() && is_json())
      return TableFault{1, 0, "the first line is empty", "each line is an object"};
    if (header.empty())
      return TableFault{1, 0, "there is no header", "the first line names the columns"};
    if (header.starts_with("\xFF\xFE") || header.starts_with("\xFE\xFF"))
      return TableFault{1, 0, "the table is UTF-16, not UTF-8",
                        is_json() ? "save it in UTF-8" : "save it as CSV in UTF-8"};
    if (auto why = unfit_line(header)) return TableFault{1, 0, *std::move(why), {}};
    CsvRecord csv;
    JsonRecord json;
    std::vector<std::string_view> names;
    if (is_json()) {
      const auto fields = json.read(header);
      if (!fields) return TableFault{1, 0, fields.error(), "each line is an object"};
      for (const JsonField& field : *fields) names.push_back(field.name);
      if (names.empty())
        return TableFault{1, 0, "the first object is empty", "it names the columns"};
      add_dimensions(names);
    } else {
      if (header.starts_with('{') || header.starts_with('['))
        return TableFault{1, 0, "this is JSON, and is read as CSV",
                          "a file with an object on each line is read with `--format ndjson`"};
      const auto fields = csv.split(header);
      if (!fields)
        return TableFault{1, fields.error().column, "this name " + fields.error().message, {}};
      names.assign(fields->begin(), fields->end());
    }
    auto columns = read_columns(*bound_.revision, names, options_.keep);
    if (!columns) return std::move(columns.error());
    columns_ = *std::move(columns);
    return std::nullopt;
  }

  /// The first object of a long table need not have every dimension: meters differ in theirs.
  void add_dimensions(std::vector<std::string_view>& names) const {
    if (std::ranges::find(names, "quantity") == names.end()) return;
    for (const dsl::Dimension& dimension : bound_.revision->card().dimensions)
      if (std::ranges::find(names, dimension.name) == names.end()) names.push_back(dimension.name);
  }

  /// The header of the output, where it has one.
  Result<void> put_header(std::string_view header) {
    return is_json() || !streams_.amounts ? Result<void>()
                                          : streams_.amounts(std::string(header) + ",amount\n");
  }

  Result<void> rate_wide(const std::string& header) {
    if (auto written = put_header(header); !written) return written;
    ColumnFunctions functions(bound_, columns_);
    std::vector<std::unique_ptr<WideRows>> workers;
    for (unsigned i = 0; i < options_.threads; ++i)
      workers.push_back(
          std::make_unique<WideRows>(cards_, options_.asked, bound_, columns_, functions,
                                     OutputForm{options_.format, streams_.amounts != nullptr}));
    return run_blocks(
        reader_, options_.threads,
        [&](unsigned worker, Block& block) { workers[worker]->rate(block); },
        [&](Block& block) { return results_.take(block); });
  }

  Result<void> rate_long() {
    if (auto written = put_header("customer"); !written) return written;
    CustomerUsage customers(*bound_.revision, *columns_.long_form);
    Rows rows(columns_, options_.format);
    Block block;
    for (auto more = reader_.next(block); true; more = reader_.next(block)) {
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
      for_each_line_of(block, [&](size_t number, std::string_view line) {
        ++block.totals.rows;
        const auto fields = rows.fields(line);
        std::string why = fields ? customers.add(number, *fields) : fields.error();
        if (!why.empty()) reject(block, number, why, line);
      });
      if (auto taken = take(block); !taken) return taken;
    }
    for (const std::string& warning : customers.warnings()) add_warning(columns_.warnings, warning);
    return rate_customers(customers);
  }

  Result<void> rate_customers(const CustomerUsage& customers) {
    BillRater rater(cards_, options_.asked, bound_);
    Block block;
    Result<void> result;
    customers.for_each([&](const std::string& name, const CustomerUsage::Customer& customer) {
      if (!result) return;
      if (customer.rows == 0) return;  // all of them are rejected already
      for (const auto& [cell, quantity] : customer.quantities)
        rater.add(customers.cell(cell), quantity);
      auto total = rater.rate();
      if (customer.line_of_fault > 0)
        total =
            std::unexpected(fmt::format("the row of line {} is not in it", customer.line_of_fault));
      if (std::string why = rater.unfit_customer(name); !why.empty())
        total = std::unexpected(std::move(why));
      const auto sum = total ? checked_add(block.totals.total, *total) : std::nullopt;
      if (!sum) {
        reject(block, customer.first_line,
               fmt::format("the bill of {} row{}: {}", customer.rows, customer.rows == 1 ? "" : "s",
                           total ? "the amounts of the table do not add up" : total.error()),
               name);
        block.totals.rejected += customer.rows - 1;
      } else {
        block.totals.total = *sum;
        block.totals.rated += customer.rows;
        ++block.totals.bills;
        put_customer(block.amounts, name, format_minor(*total, bound_.revision->card().currency));
      }
      result = take(block);
    });
    return result;
  }

  void put_customer(std::string& text, const std::string& name, std::string_view amount) const {
    std::string record;
    if (is_json()) {
      record = "{\"customer\":";
      append_json_string(record, name);
      record += '}';
    } else {
      append_csv_field(record, name);
    }
    append_rated(text, options_.format, record, amount);
  }

  Result<void> take(Block& block) {
    auto taken = results_.take(block);
    block.amounts.clear();
    block.rejections.clear();
    block.totals = {};
    return taken;
  }

  const CardSet& cards_;
  const TableOptions& options_;
  const TableStreams& streams_;
  const BoundUsage& bound_;
  BlockReader reader_;
  Results results_;
  TableColumns columns_;
};

}  // namespace

std::expected<TableTotals, TableFault> rate_table(const CardSet& cards, const TableOptions& options,
                                                  const TableStreams& streams) {
  UsageDocument asked = options.asked;
  asked.usage.clear();
  std::optional<BoundUsage> bound;
  if (const auto fits = bind_document(cards, asked, bound); !fits)
    return std::unexpected(TableFault{0, 0, fits.error().faults.front().message, {}});
  if (auto fault = lacks_earlier_bills(cards, options, *bound))
    return std::unexpected(*std::move(fault));
  return Table(cards, options, streams, *bound).rate();
}

}  // namespace toll::runtime
