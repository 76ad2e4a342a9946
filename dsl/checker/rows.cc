#include "dsl/checker/rows.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/money.h"
#include "dsl/checker/cost_plus.h"
#include "dsl/checker/table.h"
#include "dsl/checker/tier_choice.h"
#include "dsl/checker/tiers.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// The rows of one key, which make one price table.
struct Group {
  Keys keys;
  std::vector<const syntax::Row*> rows;
};

/// `above at 0.01 USD per call`: a word for the last tier that reads like a key.
bool is_above_all(const syntax::Row& row) {
  constexpr std::string_view kWords[] = {"above", "over", "more", "after", "rest", "remaining"};
  return row.keys.size() == 1 && !row.up_to && !row.beyond &&
         std::ranges::find(kWords, row.keys.front().text) != std::end(kWords);
}

class Rows {
 public:
  Rows(ChargeDraft& draft, CardContext& context)
      : draft_(draft), context_(context), charge_(draft.charge) {}

  void check();

 private:
  bool is_affordable();
  std::optional<Keys> keys_of(const syntax::Row& row);
  void report_key_count(const syntax::Row& row);
  void group();
  void report_second_bounds();
  void check_tables();
  void match();
  void report_ties(const TableMatch& match);
  void report_unreached(const TableMatch& match);
  void report_unmatched(const TableMatch& match);
  void take_cells(const TableMatch& match);

  Place at(Span span) const { return context_.read.at(span); }
  std::string cell_text(uint32_t cell) const;

  ChargeDraft& draft_;
  CardContext& context_;
  Charge& charge_;
  std::vector<Group> groups_;  ///< in the order of their first rows
  bool all_keys_known_ = true;
};

bool Rows::is_affordable() {
  const auto refuse = [this](std::string message) {
    context_.report.add("E214", std::move(message), at(draft_.head()))
        .help("split the charge into several");
    return false;
  };
  if (draft_.rows.size() > kRowsMax) {
    return refuse(fmt::format("a charge has at most {}, this one has {}", counted(kRowsMax, "row"),
                              counted(draft_.rows.size(), "row")));
  }
  const auto bounded = std::ranges::count_if(
      draft_.rows, [](const syntax::Row* row) { return row->up_to || row->beyond; });
  if (static_cast<uint64_t>(bounded) > kTiersMax) {
    return refuse(fmt::format("a charge has at most {}, this one has {}",
                              counted(kTiersMax, "tier"), counted(bounded, "tier")));
  }
  const auto cells = count_cells(draft_.value_counts);
  if (!cells) {
    return refuse(fmt::format("a table has at most {} combinations of values",
                              group_thousands(std::to_string(kCellsMax))));
  }
  if (!context_.budget.take_cells(*cells)) {
    return refuse("the tables that are checked together have too many combinations of values");
  }
  return true;
}

/// "large, cached_input".
std::string Rows::cell_text(uint32_t cell) const {
  const auto values = values_of_cell(cell, draft_.value_counts);
  std::vector<std::string> words;
  for (size_t i = 0; i < values.size(); ++i) {
    words.push_back(draft_.by[i]->dimension.values[values[i]]);
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

void Rows::report_key_count(const syntax::Row& row) {
  std::vector<std::string> dimensions;
  for (const auto* entry : draft_.by) dimensions.push_back(entry->dimension.name);
  if (dimensions.empty()) {
    auto finding = context_.report.add(
        "E208", "this row is for one value, but the charge has no `by`", at(row.keys_span));
    finding.see(at(draft_.head()), "one price for all");
    std::vector<std::string> offered;
    for (uint32_t i : draft_.meter.dimensions) {
      offered.push_back(context_.scope.dimensions()[i].dimension.name);
    }
    if (is_above_all(row)) {
      finding.help("the tier above all others is `beyond at …`");
    } else if (!offered.empty()) {
      finding.help(fmt::format("write `charge {} by {}`", charge_.name, fmt::join(offered, ", ")));
    }
    return;
  }
  const bool none = row.keys.empty();
  const std::vector<std::string> any(dimensions.size(), "any");
  context_.report
      .add("E208",
           none ? fmt::format("this row does not say for which {} it is", listed(dimensions))
                : fmt::format("this row names {}, but the charge is by {}",
                              counted(row.keys.size(), "value"), listed(dimensions)),
           at(none ? row.span : row.keys_span))
      .see(at(draft_.head()), fmt::format("by {}", fmt::join(dimensions, ", ")))
      .help(fmt::format("begin the row with a value of each, or with `{}` for all",
                        fmt::join(any, ", ")));
}

/// The row's keys as value indices; empty, and reported, where they do not fit `by`.
std::optional<Keys> Rows::keys_of(const syntax::Row& row) {
  if (row.keys.size() != draft_.by.size()) {
    report_key_count(row);
    return std::nullopt;
  }
  Keys keys;
  for (size_t i = 0; i < row.keys.size(); ++i) {
    const syntax::Word& word = row.keys[i];
    if (word.text == "any") {
      keys.push_back(kAny);
    } else if (auto value = context_.scope.value(*draft_.by[i], word, context_.read.file())) {
      keys.push_back(*value);
    }
  }
  if (keys.size() != row.keys.size()) return std::nullopt;
  return keys;
}

void Rows::group() {
  std::map<Keys, size_t> known;
  for (const syntax::Row* row : draft_.rows) {
    auto keys = keys_of(*row);
    if (!keys) {
      all_keys_known_ = false;
      continue;
    }
    auto [found, fresh] = known.emplace(*keys, groups_.size());
    if (fresh) groups_.push_back({.keys = *std::move(keys), .rows = {}});
    groups_[found->second].rows.push_back(row);
  }
}

/// `up to 10 members, up to 100 GB` in a charge on one meter.
void Rows::report_second_bounds() {
  for (const syntax::Row* row : draft_.rows) {
    if (row->also_up_to.empty()) continue;
    context_.report
        .add("E234", "this row has more than one bound, but the charge is on one meter",
             at(row->bound_span))
        .help("for a capacity of several meters write `charge NAME on METER, METER`");
    return;
  }
}

void Rows::check_tables() {
  const bool any_bound = std::ranges::any_of(
      draft_.rows, [](const syntax::Row* row) { return row->up_to || row->beyond; });
  if (draft_.tiers && !any_bound && !draft_.syntax.damaged) {
    context_.report.add("E210", "no row of this charge is a tier", at(draft_.tiers->span))
        .help("leave the line out, or begin rows with `up to` and `beyond`");
  }
  if (!draft_.tiers && any_bound && !draft_.syntax.damaged) {
    auto row = std::ranges::find_if(
        draft_.rows, [](const syntax::Row* row) { return row->up_to || row->beyond; });
    context_.report
        .add("E210", "this row is a tier, but the charge does not say how its tiers work",
             at((*row)->bound_span))
        .help(
            "add a line above the rows: `tiers graduated` prices each unit at its own tier, "
            "`tiers volume` all units at the tier that is reached");
  }
  for (const Group& group : groups_) {
    charge_.tables.push_back(check_tiers(group.rows, draft_, context_));
  }
}

void Rows::report_ties(const TableMatch& match) {
  for (const auto& tie : match.ties) {
    const Keys& keys = groups_[tie.first].keys;
    const auto label = fmt::format("{} `any`", number_word(std::ranges::count(keys, kAny)));
    const auto cell = cell_text(tie.cell);
    context_.report
        .add("E205", fmt::format("two rows match {} equally well", quoted(cell)),
             at(groups_[tie.second].rows.front()->keys_span), label)
        .see(at(groups_[tie.first].rows.front()->keys_span), label)
        .help(
            fmt::format("add the exact row {}; Toll does not use the order of rows", quoted(cell)));
  }
}

void Rows::report_unreached(const TableMatch& match) {
  for (uint32_t index : match.unreached) {
    const Group& group = groups_[index];
    // The winner of any cell of the row will do to show why.
    std::vector<uint32_t> values = group.keys;
    for (uint32_t& value : values) value = value == kAny ? 0 : value;
    uint32_t cell = 0;
    for (size_t i = 0; i < values.size(); ++i) cell = cell * draft_.value_counts[i] + values[i];
    const Group& winner = groups_[match.row_of_cell[cell]];
    context_.report
        .add("E203", "nothing reaches this row", at(group.rows.front()->keys_span),
             "every combination has a row of its own")
        .see(at(winner.rows.front()->keys_span), fmt::format("prices {}", quoted(cell_text(cell))))
        .help("remove the row, or one of those that are more specific");
  }
}

void Rows::report_unmatched(const TableMatch& match) {
  if (match.unmatched_count == 0 || !all_keys_known_ || draft_.syntax.damaged) return;
  std::vector<std::string> missing;
  for (uint32_t cell : match.unmatched) missing.push_back(quoted(cell_text(cell)));
  const uint64_t more = match.unmatched_count - match.unmatched.size();
  if (more > 0) missing.push_back(fmt::format("{} more", more));
  const std::vector<std::string> any(draft_.by.size(), "any");
  context_.report
      .add("E204",
           fmt::format("the table has no price for {} of {}", match.unmatched_count,
                       counted(match.row_of_cell.size(), "combination")),
           at(draft_.head()), fmt::format("missing: {}", listed(missing)))
      .help(
          fmt::format("add the rows, or a row for all others: `{} at ...`", fmt::join(any, ", ")));
}

/// Cells in the order of the rows that price them, within a row in the order of the values.
void Rows::take_cells(const TableMatch& match) {
  charge_.table_of_cell = match.row_of_cell;
  std::vector<uint32_t> next(groups_.size() + 1, 0);
  for (uint32_t row : match.row_of_cell) ++next[row + 1];
  for (size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  charge_.cells_in_row_order.resize(match.row_of_cell.size());
  for (uint32_t cell = 0; cell < match.row_of_cell.size(); ++cell) {
    charge_.cells_in_row_order[next[match.row_of_cell[cell]]++] = cell;
  }
}

void Rows::match() {
  std::vector<Keys> keys;
  for (const Group& group : groups_) keys.push_back(group.keys);
  auto match = match_rows(keys, draft_.value_counts, context_.budget);
  if (!match) {
    context_.report
        .add("E214", "the rows of this table cover too many combinations with `any`",
             at(draft_.head()))
        .help("name the values in more rows");
    return;
  }
  report_ties(*match);
  report_unreached(*match);
  report_unmatched(*match);
  if (match->unmatched_count > 0) return;
  take_cells(*match);
  price_by_cost(draft_, context_);
}

void Rows::check() {
  if (!is_affordable()) return;
  if (draft_.rows.empty()) {
    if (draft_.syntax.damaged) return;
    context_.report.add("E213", "this charge has no price", at(draft_.head()))
        .help(fmt::format("add a line below it, such as `at 0.01 USD per {}`",
                          draft_.meter.meter.unit));
    return;
  }
  if (charge_.tier_by == TierBy::Joint) return check_joint_rows(draft_, context_);
  report_second_bounds();
  group();
  check_tables();
  if (!groups_.empty()) match();
}

}  // namespace

void check_rows(ChargeDraft& draft, CardContext& context) { Rows(draft, context).check(); }

}  // namespace toll::dsl::checker
