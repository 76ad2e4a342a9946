#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/money.h"
#include "cli/cards/card_files.h"
#include "cli/cards/held_back.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "dsl/table_file.h"
#include "runtime/coverage.h"
#include "runtime/loader.h"

namespace toll::cli {
namespace {

using runtime::PriceLineCoverage;

struct Covered {
  size_t lines = 0, reached = 0, bounds = 0, bounds_tested = 0;
  size_t left_out = 0;  ///< examples and invoices
  bool in_error = false;

  void add(const PriceLineCoverage& line) {
    ++lines;
    reached += line.reached;
    bounds += line.bound.has_value();
    bounds_tested += line.bound && line.bound->tested;
  }
  void add(const Covered& counts) {
    lines += counts.lines;
    reached += counts.reached;
    bounds += counts.bounds;
    bounds_tested += counts.bounds_tested;
  }
};

/// "7 of 10 price lines", "no price lines".
std::string share(size_t part, size_t whole, std::string_view of) {
  return whole ? fmt::format("{} of {}", part, counted(whole, of)) : fmt::format("no {}s", of);
}

/// " (70.0 %)", rounded down, so that 100.0 % means all; empty where there is nothing.
std::string percent(size_t part, size_t whole) {
  if (!whole) return {};
  const size_t thousandths = part * 1000 / whole;
  return fmt::format(" ({}.{} %)", thousandths / 10, thousandths % 10);
}

bool below(size_t part, size_t whole, int percent_min) {
  return part * 100 < whole * static_cast<size_t>(percent_min);
}

/// Why nothing shows what the line costs; empty where its price and its bound are tested.
std::string gap(const PriceLineCoverage& line) {
  const std::string largest =
      fmt::format("largest example: {} {}", group_thousands(line.largest.to_string()), line.unit);
  if (!line.used) return "never used";
  if (!line.reached) return fmt::format("never reached ({})", largest);
  if (!line.bound || line.bound->tested) return {};
  if (!line.bound->at && !line.bound->above)
    return fmt::format("bound never reached ({})", largest);
  if (!line.bound->at) return "bound never met exactly";
  if (!line.bound->above) return fmt::format("nothing above the bound ({})", largest);
  return "bound met exactly and exceeded by different rows only";
}

/// Of a price list so many rows are named; the others are counted.
constexpr size_t kListedRowsMax = 10;

/// The file's figures, and below them its lines with a gap.
std::string report(const std::string& path, const std::vector<PriceLineCoverage>& lines,
                   const Covered& counts) {
  std::string text =
      fmt::format("{}   {}", path, share(counts.reached, counts.lines, "price line"));
  if (counts.bounds) text += ", " + share(counts.bounds_tested, counts.bounds, "bound");
  text += "\n";
  std::vector<const PriceLineCoverage*> listed;
  for (const PriceLineCoverage& line : lines)
    if (!gap(line).empty()) listed.push_back(&line);
  const size_t gaps = listed.size();
  if (dsl::is_table_file(path) && gaps > kListedRowsMax) listed.resize(kListedRowsMax);
  size_t columns = 0;
  for (const PriceLineCoverage* line : listed)
    columns = std::max(columns, width(line->source.text));
  for (const PriceLineCoverage* line : listed)
    text += fmt::format("{:>5}  {}   {}\n", line->source.line,
                        pad_right(line->source.text, columns), gap(*line));
  if (gaps > listed.size())
    text += fmt::format("       and {} of the file\n", counted(gaps - listed.size(), "more row"));
  return text;
}

void cover(const CardFiles& folder, runtime::TableCoverage tables, Covered& counts) {
  runtime::CheckedFolder checked = runtime::check_folder(folder.files);
  for (const dsl::Diagnostic& diagnostic : checked.diagnostics) {
    if (diagnostic.severity != dsl::Severity::Error || !folder.wants(diagnostic)) continue;
    print_diagnostic(diagnostic, folder.files);
    counts.in_error = true;
  }
  if (complain_of_held_back(folder, checked)) counts.in_error = true;
  runtime::Coverage coverage(tables);
  for (runtime::CheckedCard& card : checked.cards)
    coverage.add(std::make_shared<const runtime::Revision>(std::move(card.card),
                                                           std::move(card.program), nullptr));
  counts.left_out += coverage.left_out();
  const std::vector<PriceLineCoverage> all = coverage.price_lines();
  for (const dsl::SourceFile& file : folder.files) {
    const std::string name = std::filesystem::path(file.path).filename().string();
    if (!folder.wants(name)) continue;
    std::vector<PriceLineCoverage> lines;
    Covered of_file;
    for (const PriceLineCoverage& line : all) {
      if (line.source.file != name) continue;
      lines.push_back(line);
      of_file.add(line);
    }
    if (!lines.empty()) print(report(file.path, lines, of_file));
    counts.add(of_file);
  }
}

}  // namespace

int cover(const CoverOptions& options) {
  const auto folders = read_paths(options.paths);
  if (!folders) {
    complain(folders.error().message);
    return kFailed;
  }
  const auto tables =
      options.whole_files ? runtime::TableCoverage::WholeFile : runtime::TableCoverage::EachRow;
  Covered counts;
  for (const CardFiles& folder : *folders) cover(folder, tables, counts);
  std::string text =
      share(counts.reached, counts.lines, "price line") + percent(counts.reached, counts.lines);
  if (options.min) text += fmt::format(", required {} %", options.min);
  text += fmt::format("; {} tested{}", share(counts.bounds_tested, counts.bounds, "bound"),
                      percent(counts.bounds_tested, counts.bounds));
  if (options.min_bounds) text += fmt::format(", required {} %", options.min_bounds);
  print(text + "\n");
  if (counts.left_out)
    print(fmt::format("not counted: {} in which a plan, a version or a deal begins or ends\n",
                      counted(counts.left_out, "example")));
  if (counts.in_error) return kFailed;
  const bool enough = !below(counts.reached, counts.lines, options.min) &&
                      !below(counts.bounds_tested, counts.bounds, options.min_bounds);
  return enough ? kOk : kBelowCoverage;
}

}  // namespace toll::cli
