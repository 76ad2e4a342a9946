#include "cli/diff/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/money.h"
#include "cli/output/terminal.h"

namespace toll::cli {
namespace {

using Kind = Change::Kind;

struct Counts {
  size_t added = 0, changed = 0, removed = 0;
};

Counts count(const DiffReport& report) {
  Counts counts;
  for (const CardChange& card : report.cards) {
    for (const Change& change : card.changes) {
      counts.added += change.kind == Kind::Added;
      counts.changed += change.kind == Kind::Changed;
      counts.removed += change.kind == Kind::Removed;
    }
  }
  return counts;
}

std::string lines_summary(const DiffReport& report) {
  const auto [added, changed, removed] = count(report);
  std::string text =
      fmt::format("{} added, {} changed, {} removed", counted(added, "line"), changed, removed);
  const size_t refuted = report.guarantees_refuted.size();
  if (report.guarantees_tested + refuted == 0) return text;
  text += fmt::format("; guarantees: {} tested", report.guarantees_tested);
  return refuted ? text + fmt::format(", {} refuted", refuted) : text;
}

std::string_view sign(Kind kind) {
  return kind == Kind::Added ? "+" : kind == Kind::Removed ? "-" : "~";
}

/// What a change says, in one text.
std::string said(const Change& change) {
  switch (change.kind) {
    case Kind::Added:
      return change.after;
    case Kind::Removed:
      return change.before;
    case Kind::Changed:
      break;
  }
  return arrow(change.before, change.after);
}

std::string grouped(const Decimal& amount) { return group_thousands(amount.to_string()); }

/// `after` less `before`, with its sign.
std::string difference(const Decimal& before, const Decimal& after) {
  const int scale = std::max(before.scale, after.scale);
  const auto from = mantissa_at(before, scale), to = mantissa_at(after, scale);
  const auto change = from && to ? checked_sub(*to, *from) : std::nullopt;
  if (!change) return {};
  const Decimal size{*change < 0 ? -*change : *change, scale};
  return fmt::format("{}{}", *change < 0 ? "−" : "+", grouped(size));
}

/// A row about totals: what it is about, before, after, difference, percent.
using Row = std::array<std::string, 5>;

Row totals_row(std::string about, const std::optional<Decimal>& before,
               const std::optional<Decimal>& after, const std::string& currency) {
  Row row = {std::move(about),
             before ? grouped(*before) : "none",
             after ? fmt::format("{} {}", grouped(*after), currency) : "none",
             {},
             {}};
  if (!before || !after) return row;
  row[3] = difference(*before, *after);
  row[4] = percent_text(*before, *after);
  return row;
}

std::string about(const Rerated& example) {
  return fmt::format("{} ({}, {})", example.title, example.card, example.from);
}

/// "not rated before: TITLE: why"; empty where nothing is to be said.
std::string not_rated(const Rerated& example) {
  if (example.why_not.empty()) return {};
  const std::string_view side = example.before ? " after" : example.after ? " before" : "";
  return fmt::format("not rated{}: {}: {}", side, about(example), example.why_not);
}

/// Rows of the examples whose totals differ, and per currency the sum of what both sides can rate.
struct Totals {
  std::vector<Row> rows;
  size_t rated = 0, differ = 0;
  std::vector<std::string> not_rated;  ///< "not rated before: TITLE: why"
};

Totals totals_of(const std::vector<Rerated>& examples) {
  Totals totals;
  std::map<std::string, std::pair<Decimal, Decimal>> sums;
  for (const Rerated& example : examples) {
    if (example.before && example.after) {
      ++totals.rated;
      auto& [before, after] = sums[example.currency];
      before = checked_add(before, *example.before).value_or(before);
      after = checked_add(after, *example.after).value_or(after);
    } else if (std::string why = not_rated(example); !why.empty()) {
      totals.not_rated.push_back(std::move(why));
    }
    if (!example.differs()) continue;
    ++totals.differ;
    totals.rows.push_back(
        totals_row(about(example), example.before, example.after, example.currency));
  }
  if (totals.differ)
    for (const auto& [currency, sum] : sums)
      totals.rows.push_back(totals_row("total of what both rate", sum.first, sum.second, currency));
  return totals;
}

std::string totals_summary(std::string_view of, const Totals& totals, size_t all) {
  return fmt::format("{}: {} of {} rated by both sides, {} differ", of, totals.rated, all,
                     totals.differ);
}

constexpr std::string_view kExamples = "examples and golden invoices";
constexpr std::string_view kDocuments = "usage documents";

std::string changes_text(const std::vector<Change>& changes) {
  size_t place_columns = 0, said_columns = 0;
  for (const Change& change : changes) {
    place_columns = std::max(place_columns, width(change.place));
    said_columns = std::max(said_columns, width(said(change)));
  }
  std::string text;
  for (const Change& change : changes) {
    std::string line =
        fmt::format("  {} {}   {}   {}", sign(change.kind), pad_right(change.place, place_columns),
                    pad_right(said(change), said_columns), change.percent);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string rows_text(const std::vector<Row>& rows) {
  std::array<size_t, 5> columns{};
  for (const Row& row : rows)
    for (size_t i = 0; i < row.size(); ++i) columns[i] = std::max(columns[i], width(row[i]));
  std::string text;
  for (const Row& row : rows) {
    std::string line = fmt::format("  {}   {} → {}   {}   {}", pad_right(row[0], columns[0]),
                                   pad_left(row[1], columns[1]), pad_left(row[2], columns[2]),
                                   pad_left(row[3], columns[3]), pad_left(row[4], columns[4]));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

/// Text in a table of Markdown, as it stands: no bar ends the cell, nothing becomes a tag or a
/// mention.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '`' || c == '*' || c == '_' || c == '[' || c == ']' || c == '\\' ||
        c == '~')
      result += '\\';
    if (c == '<')
      result += "&lt;";
    else if (c == '@')
      result += "&#64;";
    else
      result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string_view word(Kind kind) {
  return kind == Kind::Added ? "added" : kind == Kind::Removed ? "removed" : "changed";
}

}  // namespace

bool DiffReport::differs() const {
  return !cards.empty() || std::ranges::any_of(examples, &Rerated::differs) ||
         std::ranges::any_of(usage, &Rerated::differs);
}

namespace {

std::string rated_text(std::string_view of, const std::vector<Rerated>& rated) {
  const Totals totals = totals_of(rated);
  std::string text = totals_summary(of, totals, rated.size()) + "\n" + rows_text(totals.rows);
  for (const std::string& why : totals.not_rated) text += fmt::format("  {}\n", why);
  return text;
}

std::string rated_markdown(std::string_view of, const std::vector<Rerated>& rated) {
  const Totals totals = totals_of(rated);
  std::string text = totals_summary(of, totals, rated.size()) + ".\n";
  if (!totals.rows.empty())
    text += "\n| usage | before | after | difference | |\n|---|---:|---:|---:|---:|\n";
  for (const Row& row : totals.rows)
    text +=
        fmt::format("| {} | {} | {} | {} | {} |\n", cell(row[0]), row[1], row[2], row[3], row[4]);
  if (!totals.not_rated.empty()) text += "\n";
  for (const std::string& why : totals.not_rated) text += fmt::format("- {}\n", cell(why));
  return text;
}

}  // namespace

std::string text_of(const DiffReport& report) {
  std::string text;
  for (const CardChange& card : report.cards)
    text += fmt::format("card {}: {}\n", card.card, card.title) + changes_text(card.changes);
  text += lines_summary(report) + "\n";
  for (const std::string& refuted : report.guarantees_refuted)
    text += fmt::format("  refuted: {}\n", refuted);
  text += rated_text(kExamples, report.examples);
  if (!report.usage.empty()) text += rated_text(kDocuments, report.usage);
  return text;
}

std::string markdown_of(const DiffReport& report) {
  std::string text = "### What this change does to prices\n\n";
  for (const CardChange& card : report.cards) {
    text += fmt::format("**{}**, {}\n\n", cell(card.card), cell(card.title));
    if (card.changes.empty()) continue;
    text += "| | line | before | after | |\n|---|---|---|---|---:|\n";
    for (const Change& change : card.changes)
      text += fmt::format("| {} | {} | {} | {} | {} |\n", word(change.kind), cell(change.place),
                          cell(change.before), cell(change.after), change.percent);
    text += "\n";
  }
  text += lines_summary(report) + ".\n\n";
  for (const std::string& refuted : report.guarantees_refuted)
    text += fmt::format("- **refuted**: {}\n", cell(refuted));
  if (!report.guarantees_refuted.empty()) text += "\n";
  text += rated_markdown(kExamples, report.examples);
  if (!report.usage.empty()) text += "\n" + rated_markdown(kDocuments, report.usage);
  return text;
}

}  // namespace toll::cli
