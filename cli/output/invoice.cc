#include "cli/output/invoice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/money.h"
#include "cli/output/terminal.h"

namespace toll::cli {
namespace {

using runtime::Answer;
using runtime::AnswerLine;
using runtime::Step;

/// Derivations longer than this push their source to the right instead of all of them.
constexpr size_t kStepColumnsMax = 84;

std::string grouped_quantity(const std::string& quantity) {
  return quantity.contains('/') ? quantity : group_thousands(quantity);
}

std::string unit_for(const dsl::RateCard& card, const AnswerLine& line) {
  if (!line.unit) return {};
  if (line.quantity == "1") return *line.unit;
  const auto credit = std::ranges::find(card.credits, *line.unit, &dsl::CreditUnit::name);
  if (credit != card.credits.end()) return credit->plural;
  const auto meter = std::ranges::find(card.meters, *line.unit, &dsl::Meter::unit);
  return meter == card.meters.end() ? *line.unit : meter->unit_plural;
}

/// Rows of four cells; the first and third are set to the left, the others to the right.
class Table {
 public:
  using Row = std::array<std::string, 4>;

  void add(Row row) {
    for (size_t i = 0; i < row.size(); ++i) columns_[i] = std::max(columns_[i], width(row[i]));
    rows_.push_back(std::move(row));
  }

  size_t columns() const {
    return columns_[0] + 3 + columns_[1] + 1 + columns_[2] + 3 + columns_[3];
  }

  std::string row_text(const Row& row) const {
    return pad_right(row[0], columns_[0]) + "   " + pad_left(row[1], columns_[1]) + " " +
           pad_right(row[2], columns_[2]) + "   " + pad_left(row[3], columns_[3]) + "\n";
  }

  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::array<size_t, 4> columns_{};
  std::vector<Row> rows_;
};

/// "600.00", "640 credits": what is no money says so.
std::string amount_text(const dsl::RateCard& card, const AnswerLine& line) {
  if (!line.currency) return group_thousands(line.amount);
  const auto credit = std::ranges::find(card.credits, *line.currency, &dsl::CreditUnit::name);
  const bool one = line.amount == "1" || credit == card.credits.end();
  return grouped_quantity(line.amount) + " " + (one ? *line.currency : credit->plural);
}

Table::Row invoice_row(const dsl::RateCard& card, const AnswerLine& line) {
  return {line.label, line.quantity ? grouped_quantity(*line.quantity) : "", unit_for(card, line),
          amount_text(card, line)};
}

/// "left in compute: 20 credits"
std::string left_text(const dsl::RateCard& card, const std::string& name, const std::string& left) {
  const auto pool = std::ranges::find(card.pools, name, &dsl::Pool::name);
  const std::string unit = pool == card.pools.end() || !pool->credit
                               ? std::string(card.currency.name())
                               : card.credits[*pool->credit].plural;
  return fmt::format("\nleft in {}: {} {}\n", name, grouped_quantity(left), unit);
}

/// What the next period's document says as its state.
std::string next_state_text(const runtime::NextState& next) {
  std::string text;
  for (const auto& used : next.used_to_date)
    text +=
        fmt::format("\nused to date: {} {}", used.name, group_thousands(used.value.to_string()));
  for (const auto& billed : next.billed_to_date)
    text += fmt::format("\nbilled to date: {} {}", billed.name,
                        group_thousands(billed.value.to_string()));
  return text.empty() ? text : text + "\n";
}

std::string after_total(const Answer& answer, const dsl::RateCard& card) {
  std::string text;
  for (const auto& [name, left] : answer.remaining) text += left_text(card, name, left);
  text += next_state_text(answer.next_state);
  if (!answer.over_limit.empty())
    text += fmt::format("\nabove a limit: {}\n", fmt::join(answer.over_limit, ", "));
  for (const std::string& warning : answer.warnings)
    text += fmt::format("\nwarning: {}\n", warning);
  for (const runtime::AnswerPart& part : answer.parts)
    text += fmt::format("\nfrom {} until {}: version {}{}", to_string(part.period.from),
                        to_string(part.period.until), part.version,
                        part.plan ? ", plan " + *part.plan : "");
  if (!answer.parts.empty()) text += "\n";
  text += fmt::format("\ncard {}, version {}, {}\n", answer.card, answer.version, answer.hash);
  return text;
}

/// "line 19" for the card's own file, "other.toll:19" otherwise, "usage" without a source.
std::string source_text(const Step& step, const dsl::RateCard& card) {
  if (step.source.empty()) return "usage";
  const std::string own = card.source.file + ":";
  return step.source.starts_with(own) ? "line " + step.source.substr(own.size()) : step.source;
}

/// A price row with the blanks that align it to its neighbours in the card taken out.
std::string step_text(const Step& step) {
  std::string text;
  for (const char c : step.text)
    if (c != ' ' || !text.ends_with(' ')) text += c;
  return text;
}

/// How far the sources of steps stand to the right.
size_t step_columns(const Answer& answer) {
  size_t columns = 0;
  for (const AnswerLine& line : answer.lines)
    for (const Step& step : line.steps)
      if (const size_t step_width = width(step_text(step)); step_width <= kStepColumnsMax)
        columns = std::max(columns, step_width);
  return columns;
}

}  // namespace

std::string lines_text(const Answer& answer, const dsl::RateCard& card) {
  Table table;
  for (const AnswerLine& line : answer.lines) table.add(invoice_row(card, line));
  const size_t line_count = table.rows().size();
  const Table::Row total = {"Total", "", "", group_thousands(answer.total)};
  table.add(total);
  for (const AnswerLine& line : answer.due_at_close) table.add(invoice_row(card, line));

  std::string text;
  for (size_t i = 0; i < line_count; ++i) text += table.row_text(table.rows()[i]);
  text += std::string(table.columns(), '-') + "\n" + table.row_text(total);
  if (!answer.due_at_close.empty()) text += "\ndue at the end of the period, not in the total\n";
  for (size_t i = line_count + 1; i < table.rows().size(); ++i)
    text += table.row_text(table.rows()[i]);
  return text;
}

std::string invoice_text(const Answer& answer, const dsl::RateCard& card) {
  std::string title = card.label.empty() ? card.name : card.label;
  if (!card.plan_label.empty()) title += ", " + card.plan_label;
  return fmt::format("{}, from {} until {}, in {}\n\n", title, to_string(answer.period.from),
                     to_string(answer.period.until), answer.currency) +
         lines_text(answer, card) + after_total(answer, card);
}

std::string explanation_text(const Answer& answer, const dsl::RateCard& card) {
  const size_t columns = step_columns(answer);
  std::string text;
  const auto in_currency = [&](const std::string& amount) {
    return fmt::format("{} {}", group_thousands(amount), answer.currency);
  };
  const auto add_amount = [&](std::string_view name, const std::string& money) {
    const size_t name_columns = std::max<size_t>(columns + 2, width(name) + width(money) + 2);
    text += std::string(name) + pad_left(money, name_columns - width(name)) + "\n";
  };
  for (const AnswerLine& line : answer.lines) {
    add_amount(line.path, line.currency ? amount_text(card, line) : in_currency(line.amount));
    for (const Step& step : line.steps)
      text += "  " + pad_right(step_text(step), columns) + "   " + source_text(step, card) + "\n";
  }
  add_amount("total", in_currency(answer.total));
  for (const AnswerLine& line : answer.due_at_close)
    add_amount("due at the end of the period: " + line.path,
               line.currency ? amount_text(card, line) : in_currency(line.amount));
  return text + after_total(answer, card);
}

}  // namespace toll::cli
