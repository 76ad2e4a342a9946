// Indentation, which carries no meaning and has to agree with the structure.
#include <fmt/format.h>

#include "dsl/assembly/assembler.h"
#include "dsl/grammar/explain.h"

namespace toll::dsl::assembly {
namespace {

using grammar::Kind;
using grammar::Level;
using grammar::Statement;

/// What the reader of a line takes it for, by its indentation alone.
std::string looks_like(uint32_t indent, bool in_plan) {
  switch (indent) {
    case 0:
      return "like a declaration";
    case 2:
      return "like part of a card";
    case 4:
      return in_plan ? "like an item of a plan" : "like part of a charge";
    default:
      return fmt::format("by {}", indent);
  }
}

/// Guarantees and examples are about the card as a whole, wherever they stand.
bool is_about_the_card(const Statement& statement) {
  return statement.kind == Kind::Plan || statement.kind == Kind::Guarantee ||
         statement.kind == Kind::Example;
}

bool has_tab_before(const scan::Line& line, std::string_view text) {
  uint32_t begin = line.span.begin;
  return text.substr(begin, line.tokens[0].span.begin - begin).contains('\t');
}

}  // namespace

const std::optional<Assembler::Owner>& Assembler::owner_of(const Statement& statement) const {
  const Level level = statement.level;
  if (cost_) return declaration_;
  if (level == Level::ChargeLine || level == Level::CommitLine || level == Level::PoolLine ||
      (level == Level::ExampleLine && card_)) {
    return item_;
  }
  return level == Level::Item && plan_ && !is_about_the_card(statement) ? plan_ : declaration_;
}

uint32_t Assembler::indent_of(const Statement& statement) const {
  switch (statement.level) {
    case Level::Opening:
    case Level::Declaration:
      return 0;
    case Level::Item:
      return plan_ && !is_about_the_card(statement) ? 4 : 2;
    case Level::ChargeLine:
    case Level::CommitLine:
    case Level::PoolLine:
      return cost_ ? 2 : item_in_plan_ ? 6 : 4;
    case Level::ExampleLine:
      return card_ ? 4 : 2;
    default:
      return 2;
  }
}

std::string Assembler::name_of(const Owner& owner) {
  if (owner.name.empty()) return fmt::format("the {} above", owner.noun);
  return fmt::format("{} `{}`", owner.noun, owner.name);
}

/// Both meanings of a money line: they come to different prices, and the file does not say which.
void Assembler::add_helps_of_bill(const scan::Line& line, uint32_t expected, const Owner& owner,
                                  Diagnostic& wrong) const {
  const Span said{line.tokens.front().span.begin, line.tokens.back().span.end};
  const std::string_view text =
      std::string_view(file_.text).substr(said.begin, said.end - said.begin);
  const uint32_t of_item = plan_ ? 4 : 2;
  const std::string indented =
      line.indent == of_item ? "" : fmt::format(", indented by {} blanks", of_item);
  wrong.notes.push_back(
      {"help", fmt::format("for the whole bill write `bill {}`{}", text, indented)});
  wrong.notes.push_back(
      {"help", fmt::format("for {} alone indent the line by {} blanks", name_of(owner), expected)});
}

void Assembler::check_indentation(const scan::Line& line, const Statement& statement) {
  Level level = statement.level;
  bool outermost = level == Level::Opening || level == Level::Declaration;
  uint32_t expected = indent_of(statement);
  if (line.indent == expected || has_tab_before(line, file_.text)) return;

  Place place{file_index_, line.tokens[0].span};
  auto label = fmt::format("indented by {}, expected {}", line.indent, expected);
  if (outermost) {
    Diagnostic wrong = diagnostic(
        "E003", fmt::format("`{}` is not part of anything, but it is indented", statement.keyword),
        place, label);
    wrong.notes.push_back({"help", "begin the line at the left margin, or run `toll fmt`"});
    return findings_.add_to_run(std::move(wrong), ordinal_, line.number);
  }
  const Owner& owner = *owner_of(statement);
  Diagnostic wrong =
      diagnostic("E003",
                 fmt::format("this line belongs to {}, but it is indented {}", name_of(owner),
                             looks_like(line.indent, plan_.has_value())),
                 place, label);
  wrong.related.push_back(
      {{file_index_, owner.first_word}, fmt::format("this {} is still open", owner.noun)});
  // Where items stand, it may be meant as one, and `toll fmt` would take it for the charge's.
  const bool for_bill = level == Level::ChargeLine && !cost_ && line.indent < expected &&
                        grammar::could_be_of_bill(line.tokens);
  if (for_bill) {
    add_helps_of_bill(line, expected, owner, wrong);
    return findings_.add_to_run(std::move(wrong), ordinal_, line.number);
  }
  std::string help = fmt::format("indent the line by {} blanks, or run `toll fmt`", expected);
  if (level == Level::Item && expected == 4)
    help += ", or move it above the first `plan` to make it common to all";
  wrong.notes.push_back({"help", std::move(help)});
  findings_.add_to_run(std::move(wrong), ordinal_, line.number);
}

}  // namespace toll::dsl::assembly
