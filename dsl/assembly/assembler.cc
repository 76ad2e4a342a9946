#include "dsl/assembly/assembler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dsl/grammar/explain.h"
#include "dsl/scan/faults.h"
#include "dsl/scan/rows.h"

namespace toll::dsl::assembly {
namespace {

using grammar::Kind;
using grammar::Level;
using grammar::Statement;
using grammar::Tokens;

constexpr std::array kLevels = {Level::ChargeLine, Level::PoolLine,   Level::ExampleLine,
                                Level::MeterLine,  Level::CostLine,   Level::Header,
                                Level::Item,       Level::Declaration};

template <typename T, typename List>
void append(std::optional<T> part, List& list) {
  if (part) list.push_back(*std::move(part));
}

const Statement* row_of(Tokens tokens) {
  bool priced = tokens[0].is_word("at") || tokens[0].is_word("free");
  bool bounded = tokens[0].is_word("up") || tokens[0].is_word("beyond");
  return priced ? &grammar::kPriceRow : bounded ? &grammar::kTierRow : &grammar::kKeyedRow;
}

bool is_same_but_case(const scan::Token& token, std::string_view keyword) {
  return std::ranges::equal(token.text, keyword, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
}

/// `from 101 to 200 calls at …`: a tier as other languages write it.
bool is_range(Tokens tokens) {
  return tokens.size() > 1 && tokens[0].is_word("from") &&
         tokens[1].kind == scan::TokenKind::Number;
}

}  // namespace

Assembler::Assembler(const SourceFile& file, uint32_t file_index, const ParseLimits& limits)
    : file_(file), file_index_(file_index), limits_(limits), findings_(limits.diagnostics_max) {}

Parsed Assembler::run() && {
  scan::LineScanner scanner(file_.text, limits_.line_bytes_max);
  for (scan::Line line; scanner.next(line);) take(line);
  if (!begun_) {
    Diagnostic empty = diagnostic("E001", "the file is empty", {file_index_, {0, 0}});
    empty.notes.push_back({"help", "a file begins with the line `toll 1`"});
    findings_.add(std::move(empty));
  }
  return {std::move(tree_), std::move(findings_).take()};
}

void Assembler::take(const scan::Line& line) {
  auto fault = scan::line_fault(file_.text, line, file_index_, limits_);
  if (line.tokens.empty() && !line.comment && !fault) return;
  ++ordinal_;
  readable_ = !fault;
  if (fault && fault->code == "E011") {
    findings_.add_to_run(*std::move(fault), ordinal_, line.number);
  } else if (fault) {
    findings_.add(*std::move(fault));
  } else if (auto tab = scan::tab_fault(file_.text, line, file_index_)) {
    findings_.add_to_run(*std::move(tab), ordinal_, line.number);
  }
  if (line.tokens.empty()) return;

  bool first = !begun_;
  begun_ = true;
  if (first) begin_file(line);
  if (first && line.tokens[0].is_word("toll")) return;
  if (passes_over(line)) return;

  const Statement* statement = statement_of(line.tokens);
  if (!statement) {
    take_unknown(line);
  } else if (!is_allowed(*statement)) {
    take_misplaced(line, *statement);
  } else {
    take_statement(line, *statement);
  }
  if (card_) card_->block.end = line.tokens.back().span.end;
}

void Assembler::begin_file(const scan::Line& line) {
  if (!readable_) return;
  Tokens tokens = line.tokens;
  Diagnostic wrong =
      diagnostic("E001", "the file does not begin with `toll 1`", {file_index_, tokens[0].span});
  if (!tokens[0].is_word("toll")) {
    wrong.primary.text = "this line is the first";
    wrong.notes.push_back({"help", "write `toll 1` above it"});
    return findings_.add(std::move(wrong));
  }
  if (tokens.size() == 2 && tokens[1].text == "1") {
    return check_indentation(line, grammar::statements().front());
  }
  if (tokens.size() == 2 && tokens[1].kind == scan::TokenKind::Number) {
    wrong.message = fmt::format("`toll {}` is another version of the language", tokens[1].text);
  }
  wrong.primary.place.span = {tokens.front().span.begin, tokens.back().span.end};
  wrong.notes.push_back({"help", "the first line is `toll 1`"});
  findings_.add(std::move(wrong));
}

bool Assembler::passes_over(const scan::Line& line) {
  if (!passing_over_) return false;
  const Statement* statement = by_keyword(line.tokens);
  bool declaration = statement && statement->level == Level::Declaration;
  if (line.indent > *passing_over_ && !declaration) return true;
  passing_over_.reset();
  return false;
}

void Assembler::take_unknown(const scan::Line& line) {
  const Statement* suggestion = nearest(line.tokens);
  const bool same_but_case = suggestion && is_same_but_case(line.tokens[0], suggestion->keyword);
  if (!same_but_case && could_be_row(line.tokens))
    return take_statement(line, *row_of(line.tokens));
  if (readable_) {
    findings_.add({file_index_, line.tokens[0].span}, [&] {
      return grammar::unknown_statement(line.tokens, levels_for(line), suggestion, file_index_);
    });
  }
  readable_ = false;
  if (suggestion) return take_statement(line, *suggestion);
  damage();
  passing_over_ = line.indent;
}

/// The levels that a line may have been meant for, as its indentation says.
std::vector<Level> Assembler::levels_for(const scan::Line& line) const {
  std::vector<Level> levels;
  for (Level level : kLevels) {
    bool inner =
        level == Level::ChargeLine || level == Level::PoolLine || level == Level::ExampleLine;
    bool outer = level == Level::Declaration;
    bool fits = inner ? line.indent >= 4 : outer ? line.indent == 0 || !card_ : line.indent > 0;
    if (is_allowed(level) && fits) levels.push_back(level);
  }
  return levels;
}

void Assembler::take_misplaced(const scan::Line& line, const Statement& statement) {
  if (readable_) {
    findings_.add({file_index_, line.tokens[0].span}, [&] {
      auto first_item = card_ ? first_item_ : std::nullopt;
      return grammar::misplaced_statement(line.tokens, statement, first_item, file_index_);
    });
  }
  damage();
  passing_over_ = line.indent;
}

void Assembler::take_statement(const scan::Line& line, const Statement& statement) {
  enter(line, statement);
  if (readable_) return check_indentation(line, statement);
  damage();
  note_unread(line.tokens, statement);
}

// ---- What a line is ----

const Statement* Assembler::statement_of(Tokens tokens) const {
  if (holds_rows() && scan::is_price_row(tokens)) return row_of(tokens);
  if (dimension_ && scan::is_dimension_row(tokens)) {
    if (!dimension_->fields.empty()) return &grammar::kDerivedValue;
    if (dimension_->by_time) return &grammar::kTimeValue;
    if (dimension_ == &lost_dimension_) return &grammar::kLostValue;
  }
  if (holds_rows() && is_range(tokens)) return &grammar::kKeyedRow;
  // Outside a charge no line begins like a price, but for what a pool bills beyond its grants.
  const bool is_lost =
      scan::is_price_row(tokens.first(1)) && !(pool_ && tokens[0].is_word("beyond"));
  return is_lost ? row_of(tokens) : by_keyword(tokens);
}

const Statement* Assembler::by_keyword(Tokens tokens) const {
  const Statement* found = nullptr;
  for (const Statement& s : grammar::statements()) {
    if (!tokens[0].is_word(s.keyword)) continue;
    if (is_allowed(s.level)) return &s;
    found = &s;
  }
  return found;
}

const Statement* Assembler::nearest(Tokens tokens) const {
  if (tokens[0].kind != scan::TokenKind::Word) return nullptr;
  std::vector<std::string> keywords;
  for (const Statement& s : grammar::statements()) {
    // "change charge ..." is no slip of "charge charge ...".
    bool follows = tokens.size() > 1 && tokens[1].is_word(s.keyword);
    if (is_allowed(s.level) && !follows) keywords.emplace_back(s.keyword);
  }
  std::string keyword = suggest(tokens[0].text, keywords);
  for (const Statement& s : grammar::statements()) {
    if (s.keyword == keyword && is_allowed(s.level)) return &s;
  }
  return nullptr;
}

bool Assembler::is_allowed(Level level) const {
  switch (level) {
    case Level::Opening:
      return false;
    case Level::Declaration:
      return true;
    case Level::DimensionRow:
      return dimension_ != nullptr;
    case Level::MeterLine:
      return meter_ != nullptr;
    case Level::Header:
      return card_ != nullptr && !first_item_;
    case Level::Item:
      return card_ != nullptr;
    case Level::ChargeLine:
      return charge_ || change_;
    case Level::CommitLine:
      return commit_ != nullptr;
    case Level::PoolLine:
      return pool_ != nullptr;
    case Level::CostLine:
      return cost_ != nullptr;
    case Level::ExampleLine:
      return example_ != nullptr;
  }
  return false;
}

bool Assembler::is_allowed(const Statement& statement) const {
  return statement.kind == Kind::Row ? holds_rows() : is_allowed(statement.level);
}

/// A line of a charge with a price in it is meant as a row, whatever is wrong with its keys.
bool Assembler::could_be_row(Tokens tokens) const {
  if (!holds_rows() || tokens[0].kind != scan::TokenKind::Word) return false;
  return std::ranges::any_of(tokens.subspan(1), [](const scan::Token& token) {
    return token.is_word("at") || token.is_word("up") || token.is_word("beyond") ||
           token.is_word("free");
  });
}

// ---- Reading it ----

void Assembler::enter(const scan::Line& line, const Statement& statement) {
  switch (statement.level) {
    case Level::Declaration:
      close_declaration();
      return enter_declaration(line.tokens, statement);
    case Level::Item:
      close_item();
      if (!first_item_) first_item_ = line.tokens[0].span;
      return enter_item(line.tokens, statement);
    default:
      return enter_part(line.tokens, statement);
  }
}

template <typename T>
std::optional<T> Assembler::read(grammar::Read<T> (*parse)(Tokens), Tokens tokens,
                                 const Statement& statement) {
  if (!readable_) return std::nullopt;
  auto result = parse(tokens);
  if (result) return *std::move(result);
  report(result.error(), tokens, statement);
  return std::nullopt;
}

template <typename T>
void Assembler::read_into(std::optional<grammar::Misreading> (*parse)(Tokens, T&), T& block,
                          Tokens tokens, const Statement& statement) {
  if (!readable_) return;
  if (const auto wrong = parse(tokens, block)) report(*wrong, tokens, statement);
}

void Assembler::report(const grammar::Misreading& misreading, Tokens tokens,
                       const Statement& statement) {
  readable_ = false;
  findings_.add({file_index_, misreading.place},
                [&] { return grammar::explain(misreading, tokens, statement, file_index_); });
}

void Assembler::report_twice(std::string what, std::string help, Tokens tokens,
                             const Statement& statement) {
  report(
      {grammar::Misreading::Kind::SaidTwice, tokens[0].span, std::move(what), {}, std::move(help)},
      tokens, statement);
}

Assembler::Owner Assembler::owner(Tokens tokens) {
  Owner result{tokens[0].text, {}, tokens[0].span};
  bool named = tokens.size() > 1 && (tokens[1].kind == scan::TokenKind::Word ||
                                     tokens[1].kind == scan::TokenKind::Label);
  if (named) result.name = tokens[1].text;
  return result;
}

template <typename T, typename List>
T* Assembler::open(std::optional<T> block, List& list, T& put_aside) {
  if (block) return &std::get<T>(list.emplace_back(*std::move(block)));
  put_aside = T{};
  return &put_aside;
}

void Assembler::enter_declaration(Tokens tokens, const Statement& statement) {
  auto& list = tree_.declarations;
  if (statement.kind == Kind::Unit) return append(read(grammar::unit, tokens, statement), list);

  declaration_ = owner(tokens);
  switch (statement.kind) {
    case Kind::Dimension:
      dimension_ = open(read(grammar::dimension, tokens, statement), list, lost_dimension_);
      break;
    case Kind::Meter:
      meter_ = open(read(grammar::meter, tokens, statement), list, lost_meter_);
      break;
    case Kind::Cost:
      cost_ = open(read(grammar::cost, tokens, statement), list, lost_cost_);
      break;
    case Kind::Card:
      card_ = open(read(grammar::card, tokens, statement), list, lost_card_);
      card_->block.begin = tokens[0].span.begin;
      break;
    default:
      example_ = open(read(grammar::invoice, tokens, statement), list, lost_example_);
      break;
  }
}

void Assembler::enter_item(Tokens tokens, const Statement& statement) {
  auto& list = card_->items;
  switch (statement.kind) {
    case Kind::Fee:
      return append(read(grammar::fee, tokens, statement), list);
    case Kind::Bill:
      return append(read(grammar::bill_line, tokens, statement), list);
    case Kind::Plan:
      return open_plan(tokens, statement);
    case Kind::Change:
      return open_change(tokens, statement);
    case Kind::Remove:
      return append(read(grammar::remove, tokens, statement), list);
    case Kind::Feature:
      return append(read(grammar::feature, tokens, statement), list);
    case Kind::Limit:
      return append(read(grammar::limit, tokens, statement), list);
    case Kind::Alert:
      return append(read(grammar::alert, tokens, statement), list);
    case Kind::Guarantee:
      return append(read(grammar::guarantee, tokens, statement), list);
    case Kind::Commit:
      item_ = owner(tokens);
      item_in_plan_ = plan_.has_value();
      commit_ = open(read(grammar::commit, tokens, statement), list, lost_commit_);
      return;
    case Kind::Pool:
      item_ = owner(tokens);
      item_in_plan_ = plan_.has_value();
      pool_ = open(read(grammar::pool, tokens, statement), list, lost_pool_);
      return;
    case Kind::Charge:
      item_ = owner(tokens);
      item_in_plan_ = plan_.has_value();
      charge_ = open(read(grammar::charge, tokens, statement), list, lost_charge_);
      return;
    default:
      item_ = owner(tokens);
      example_ = open(read(grammar::example, tokens, statement), list, lost_example_);
      return;
  }
}

void Assembler::enter_part(Tokens tokens, const Statement& statement) {
  switch (statement.kind) {
    case Kind::DerivedValue:
      return append(read(grammar::derived_value, tokens, statement), dimension_->derived);
    case Kind::TimeValue:
      return append(read(grammar::time_value, tokens, statement), dimension_->times);
    case Kind::MeterLine:
      return read_into(grammar::meter_line, *meter_, tokens, statement);
    case Kind::Header:
      return append(read(grammar::header, tokens, statement), card_->headers);
    case Kind::ChargeLine:
      if (change_) return append(read(grammar::change_line, tokens, statement), change_->lines);
      return append(read(grammar::charge_line, tokens, statement), charge_->lines);
    case Kind::Row:
      if (cost_) return append(read(grammar::row, tokens, statement), cost_->rows);
      if (change_) return append(read(grammar::change_line, tokens, statement), change_->lines);
      return append(read(grammar::row, tokens, statement), charge_->lines);
    case Kind::CommitLine:
      return read_into(grammar::commit_line, *commit_, tokens, statement);
    case Kind::PoolLine:
      return read_into(grammar::pool_line, *pool_, tokens, statement);
    case Kind::CostLine:
      return read_into(grammar::cost_line, *cost_, tokens, statement);
    case Kind::OfCustomer:
      return take_customer_of_example(tokens, statement);
    case Kind::OnPlan:
      return take_plan_of_example(tokens, statement);
    case Kind::Use:
      return append(read(grammar::use, tokens, statement), example_->uses);
    case Kind::UsedToDate:
      return append(read(grammar::used_to_date, tokens, statement), example_->used_to_date);
    case Kind::BilledToDate:
      return append(read(grammar::billed_to_date, tokens, statement), example_->billed_to_date);
    case Kind::Granted:
      return append(read(grammar::granted, tokens, statement), example_->granted);
    case Kind::Expect:
      return append(read(grammar::expect, tokens, statement), example_->expects);
    default:
      return;  // a value of a dimension that is lost
  }
}

/// A plan whose line cannot be read still keeps its items from those of the plan before.
void Assembler::open_plan(Tokens tokens, const Statement& statement) {
  plan_ = owner(tokens);
  auto plan = read(grammar::plan, tokens, statement);
  card_->items.push_back(plan ? *std::move(plan) : syntax::Plan{});
}

void Assembler::open_change(Tokens tokens, const Statement& statement) {
  item_ = Owner{tokens[0].text, {}, tokens[0].span};
  item_in_plan_ = plan_.has_value();
  if (tokens.size() > 2) item_->name = tokens[2].text;
  auto* change = open(read(grammar::change, tokens, statement), card_->items, lost_change_);
  const bool of_fee = tokens.size() > 1 && tokens[1].is_word("fee");
  change_ = of_fee ? nullptr : change;
}

void Assembler::take_customer_of_example(Tokens tokens, const Statement& statement) {
  auto customer = read(grammar::of_customer, tokens, statement);
  if (customer && example_->customer) return report_twice("the customer", {}, tokens, statement);
  if (customer) example_->customer = *std::move(customer);
}

void Assembler::take_plan_of_example(Tokens tokens, const Statement& statement) {
  auto plan = read(grammar::on_plan, tokens, statement);
  if (!plan) return;
  if (plan->from) return example_->plan_changes.push_back(*std::move(plan));
  if (example_->plan)
    return report_twice("the plan",
                        fmt::format("keep one of the two; or, where the plan changes inside the "
                                    "days, say since when: `on plan {} from DATE`",
                                    plan->plan.text),
                        tokens, statement);
  example_->plan = *std::move(plan);
}

void Assembler::close_item() {
  charge_ = nullptr;
  commit_ = nullptr;
  pool_ = nullptr;
  change_ = nullptr;
  if (card_) example_ = nullptr;
  item_.reset();
  item_in_plan_ = false;
}

void Assembler::close_declaration() {
  close_item();
  plan_.reset();
  dimension_ = nullptr;
  meter_ = nullptr;
  cost_ = nullptr;
  card_ = nullptr;
  example_ = nullptr;
  declaration_.reset();
  first_item_.reset();
}

void Assembler::damage() {
  if (dimension_) dimension_->damaged = true;
  if (meter_) meter_->damaged = true;
  if (cost_) cost_->damaged = true;
  if (card_) card_->damaged = true;
  if (charge_) charge_->damaged = true;
  if (commit_) commit_->damaged = true;
  if (pool_) pool_->damaged = true;
  if (change_) change_->damaged = true;
  if (example_) example_->damaged = true;
}

void Assembler::note_unread(Tokens tokens, const Statement& statement) {
  bool names = statement.level == Level::Declaration || statement.kind == Kind::Fee ||
               statement.kind == Kind::Charge || statement.kind == Kind::Commit ||
               statement.kind == Kind::Pool;
  if (!names) return;
  bool all = statement.kind == Kind::Unit;  // the plural is a name as well
  for (const scan::Token& token : tokens.subspan(1)) {
    bool word = token.kind == scan::TokenKind::Word;
    if (word) tree_.unread.push_back({std::string(token.text), token.span});
    if (!all) return;
  }
}

}  // namespace toll::dsl::assembly
