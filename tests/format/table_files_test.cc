// Rows in a file are the rows of the card: generated cards whose charges read their rows from files
// become the same programs.
#include <gtest/gtest.h>

#include "compiler/lower.h"
#include "compiler/rating_ir.h"
#include "dsl/check.h"
#include "dsl/parse.h"
#include "tests/differential/card_generator.h"

namespace toll::dsl {
namespace {

constexpr uint64_t kCards = 300;

class MovedRows {
 public:
  explicit MovedRows(const std::string& text) : text_(text) {}

  /// The card, and behind it a file for each of its charges on a meter.
  std::vector<SourceFile> files() {
    const SourceFile file{"card.toll", text_};
    const Parsed parsed = parse(file, 0);
    for (const auto& declaration : parsed.tree.declarations)
      if (const auto* card = std::get_if<syntax::Card>(&declaration))
        for (const auto& item : card->items)
          if (const auto* charge = std::get_if<syntax::Charge>(&item)) move(*charge);
    rest_ += text_.substr(taken_);
    files_.insert(files_.begin(), {"card.toll", rest_});
    return files_;
  }

 private:
  std::string text(Span span) const { return text_.substr(span.begin, span.end - span.begin); }

  /// What stands behind a word, in quotes.
  std::string cell(Span span, std::string_view word) const {
    const std::string all = text(span);
    return "\"" + (all.starts_with(word) ? all.substr(word.size()) : all) + "\"";
  }

  void move(const syntax::Charge& charge) {
    std::vector<const syntax::Row*> rows;
    for (const auto& line : charge.lines)
      if (const auto* row = std::get_if<syntax::Row>(&line)) rows.push_back(row);
    const std::string name = "rows " + std::to_string(files_.size()) + ".csv";
    std::string list = "up to,at";
    for (const syntax::Word& dimension : charge.by) list += "," + dimension.text;
    for (const syntax::Row* row : rows) {
      list += "\n" + cell(row->bound_span, "up to ") + "," + cell(row->price_span, "at ");
      for (const syntax::Word& key : row->keys) list += "," + key.text;
    }
    files_.push_back({name, list});
    rest_ += text_.substr(taken_, rows.front()->span.begin - taken_) + "rows from \"" + name + "\"";
    taken_ = rows.back()->span.end;
  }

  const std::string text_;
  std::string rest_;
  size_t taken_ = 0;  ///< of text_, into rest_
  std::vector<SourceFile> files_;
};

/// Its programs as text, and what is wrong with it.
std::string programs_of(const std::vector<SourceFile>& files) {
  const Checked checked = check(files);
  std::string text;
  for (const Diagnostic& found : checked.diagnostics)
    text += found.code + ": " + found.message + "\n";
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

}  // namespace
}  // namespace toll::dsl
