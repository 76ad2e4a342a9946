// Rows in a file are the rows of the card: generated cards whose charges, changes and cost tables
// read their rows from files become the same programs.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "compiler/lower.h"
#include "compiler/rating_ir.h"
#include "dsl/check.h"
#include "dsl/parse.h"
#include "tests/differential/card_family.h"
#include "tests/differential/card_generator.h"

namespace toll::dsl {
namespace {

constexpr uint64_t kCards = 300, kFamilies = 80;

class MovedRows {
 public:
  explicit MovedRows(const std::string& text) : text_(text) {}

  /// The cards, and behind them a file for each charge on a meter, each change of rows and each
  /// cost table.
  std::vector<SourceFile> files() {
    const SourceFile file{"card.toll", text_};
    const Parsed parsed = parse(file, 0);
    for (const auto& declaration : parsed.tree.declarations) {
      if (const auto* cost = std::get_if<syntax::Cost>(&declaration)) move(*cost);
      if (const auto* card = std::get_if<syntax::Card>(&declaration))
        for (const auto& item : card->items) {
          if (const auto* charge = std::get_if<syntax::Charge>(&item)) move(*charge);
          if (const auto* change = std::get_if<syntax::Change>(&item)) move(*change);
        }
    }
    rest_ += text_.substr(taken_);
    files_.insert(files_.begin(), {"card.toll", rest_});
    return files_;
  }

  int changes() const { return changes_; }
  int costs() const { return costs_; }

 private:
  std::string text(Span span) const { return text_.substr(span.begin, span.end - span.begin); }

  /// What stands behind a word, in quotes.
  std::string cell(Span span, std::string_view word) const {
    const std::string all = text(span);
    return "\"" + (all.starts_with(word) ? all.substr(word.size()) : all) + "\"";
  }

  struct Line {
    const syntax::Row* row;
    std::optional<Span> was = {};
  };

  void move(const syntax::Charge& charge) {
    std::vector<Line> rows;
    for (const auto& line : charge.lines)
      if (const auto* row = std::get_if<syntax::Row>(&line)) rows.push_back({row});
    by_[charge.name.text] = charge.by;
    put(rows, charge.by, "up to,at");
  }

  void move(const syntax::Change& change) {
    std::vector<Line> rows;
    for (const auto& line : change.lines)
      if (const auto* row = std::get_if<syntax::Row>(&line.line)) rows.push_back({row, line.was});
    if (rows.empty() || rows.size() < change.lines.size()) return;
    ++changes_;
    put(rows, by_.at(change.name.text), "up to,at,was");
  }

  void move(const syntax::Cost& cost) {
    std::vector<Line> rows;
    for (const syntax::Row& row : cost.rows) rows.push_back({&row});
    ++costs_;
    put(rows, cost.by, "at");
  }

  void put(const std::vector<Line>& rows, const std::vector<syntax::Word>& by,
           const std::string& columns) {
    if (rows.empty()) return;
    const std::string name = "rows " + std::to_string(files_.size()) + ".csv";
    std::string list = columns;
    for (const syntax::Word& dimension : by) list += "," + dimension.text;
    uint32_t end = 0;
    for (const auto& [row, was] : rows) {
      list += "\n";
      if (columns.contains("up to")) list += cell(row->bound_span, "up to ") + ",";
      list += cell(row->price_span, "at ");
      if (columns.contains("was")) list += "," + (was ? cell(*was, "") : std::string());
      for (const syntax::Word& key : row->keys) list += "," + key.text;
      end = was ? was->end : row->span.end;
    }
    files_.push_back({name, list});
    const uint32_t begin = rows.front().row->span.begin;
    rest_ += text_.substr(taken_, begin - taken_) + "rows from \"" + name + "\"";
    taken_ = end;
  }

  const std::string text_;
  std::string rest_;
  size_t taken_ = 0;  ///< of text_, into rest_
  std::vector<SourceFile> files_;
  std::map<std::string, std::vector<syntax::Word>> by_;  // by charge
  int changes_ = 0, costs_ = 0;
};

/// Its programs as text, and what is wrong with it.
std::string programs_of(const std::vector<SourceFile>& files) {
  const Checked checked = check(files);
  std::multiset<std::string> found;  // diagnostics come by place, and a file stands behind the card
  for (const Diagnostic& one : checked.diagnostics) found.insert(one.code + ": " + one.message);
  std::string text;
  for (const std::string& one : found) text += one + "\n";
  for (const RateCard& card : checked.cards) {
    const auto program = compiler::lower(card);
    text += program ? compiler::to_text(*program, card) : program.error().message;
  }
  return text;
}

TEST(TableFiles, MakeTheSameProgramsAsWrittenRows) {
  for (uint64_t seed = 0; seed < kCards; ++seed) {
    const std::string text = differential::generate_card(seed).text;
    const std::vector<SourceFile> files = MovedRows(text).files();
    const std::string written = programs_of({{"card.toll", text}});
    ASSERT_EQ(programs_of(files), written) << files.front().text << "\n" << files.back().text;
    EXPECT_FALSE(written.empty());
  }
}

TEST(TableFiles, ChangeAndCostWhatWrittenRowsDo) {
  int changes = 0, costs = 0;
  for (uint64_t seed = 0; seed < kFamilies; ++seed) {
    const std::string text = differential::generate_family(seed).text;
    MovedRows moved(text);
    const std::vector<SourceFile> files = moved.files();
    changes += moved.changes();
    costs += moved.costs();
    const std::string written = programs_of({{"card.toll", text}});
    ASSERT_EQ(programs_of(files), written) << files.front().text << "\n" << files.back().text;
    EXPECT_FALSE(written.empty());
  }
  EXPECT_GT(changes, 20);
  EXPECT_GT(costs, 20);
}

}  // namespace
}  // namespace toll::dsl
