// From lines to the syntax tree of a file.
//
// What a line is follows from its first words and from what is open: a card, in it a charge or an
// example. A declaration closes everything, an item closes the item before it. Indentation carries
// no meaning; it is compared with the structure and has to agree.
//
// A line that cannot be read still opens what its first word says, so that the lines below it are
// read as what they are; such a block is put aside and does not enter the tree. Where not even the
// first word is known, the lines that are indented below it are passed over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/assembly/findings.h"
#include "dsl/grammar/grammar.h"
#include "dsl/grammar/statements.h"
#include "dsl/parse.h"
#include "dsl/scan/line.h"

namespace toll::dsl::assembly {

/// Reads one file. REQUIRES: scan::file_fault found nothing; the file outlives the assembler.
class Assembler {
 public:
  Assembler(const SourceFile& file, uint32_t file_index, const ParseLimits& limits);

  /// Called once.
  Parsed run() &&;

 private:
  /// A block that is open, for the words about a line below it.
  struct Owner {
    std::string_view noun;  ///< the keyword
    std::string_view name;  ///< as it is written; empty if it cannot be read
    Span first_word;
  };

  void take(const scan::Line& line);
  void begin_file(const scan::Line& line);
  bool passes_over(const scan::Line& line);
  void take_unknown(const scan::Line& line);
  void take_misplaced(const scan::Line& line, const grammar::Statement& statement);
  void take_statement(const scan::Line& line, const grammar::Statement& statement);

  // What a line is.
  const grammar::Statement* statement_of(grammar::Tokens tokens) const;
  const grammar::Statement* by_keyword(grammar::Tokens tokens) const;
  const grammar::Statement* nearest(grammar::Tokens tokens) const;
  bool is_allowed(grammar::Level level) const;
  bool is_allowed(const grammar::Statement& statement) const;
  /// Whether price rows may stand here: in a charge, a change of one, or a cost table.
  bool holds_rows() const { return charge_ || change_ || cost_; }
  bool could_be_row(grammar::Tokens tokens) const;
  std::vector<grammar::Level> levels_for(const scan::Line& line) const;

  // Reading it. What cannot be read leaves `readable_` false and the tree without it.
  void enter(const scan::Line& line, const grammar::Statement& statement);
  void enter_declaration(grammar::Tokens tokens, const grammar::Statement& statement);
  void enter_item(grammar::Tokens tokens, const grammar::Statement& statement);
  void enter_part(grammar::Tokens tokens, const grammar::Statement& statement);
  void open_plan(grammar::Tokens tokens, const grammar::Statement& statement);
  void open_change(grammar::Tokens tokens, const grammar::Statement& statement);
  void take_customer_of_example(grammar::Tokens tokens, const grammar::Statement& statement);
  void take_plan_of_example(grammar::Tokens tokens, const grammar::Statement& statement);
  template <typename T>
  std::optional<T> read(grammar::Read<T> (*parse)(grammar::Tokens), grammar::Tokens tokens,
                        const grammar::Statement& statement);
  /// A line that adds to the block above it.
  template <typename T>
  void read_into(std::optional<grammar::Misreading> (*parse)(grammar::Tokens, T&), T& block,
                 grammar::Tokens tokens, const grammar::Statement& statement);
  void report(const grammar::Misreading& misreading, grammar::Tokens tokens,
              const grammar::Statement& statement);
  void report_twice(std::string what, std::string help, grammar::Tokens tokens,
                    const grammar::Statement& statement);
  /// Puts a block into the tree and returns its place there, or that of the one put aside.
  template <typename T, typename List>
  T* open(std::optional<T> block, List& list, T& put_aside);

  static Owner owner(grammar::Tokens tokens);

  void close_item();
  void close_declaration();
  void damage();
  void note_unread(grammar::Tokens tokens, const grammar::Statement& statement);

  // indentation.cc
  void check_indentation(const scan::Line& line, const grammar::Statement& statement);
  void add_helps_of_bill(const scan::Line& line, uint32_t expected, const Owner& owner,
                         Diagnostic& wrong) const;
  const std::optional<Owner>& owner_of(const grammar::Statement& statement) const;
  uint32_t indent_of(const grammar::Statement& statement) const;
  static std::string name_of(const Owner& owner);

  const SourceFile& file_;
  const uint32_t file_index_;
  const ParseLimits limits_;
  Findings findings_;
  syntax::File tree_;

  uint32_t ordinal_ = 0;                  ///< of the line, among those that are not blank
  bool readable_ = true;                  ///< the line, as far as it is known
  bool begun_ = false;                    ///< the first statement has been seen
  std::optional<uint32_t> passing_over_;  ///< lines that are indented by more than this

  // What is open. The pointers lead to the last elements of the tree's vectors or to what was put
  // aside; they are cleared before the vector grows.
  syntax::Dimension* dimension_ = nullptr;
  syntax::Meter* meter_ = nullptr;
  syntax::Cost* cost_ = nullptr;
  syntax::Card* card_ = nullptr;
  syntax::Charge* charge_ = nullptr;
  syntax::Commit* commit_ = nullptr;
  syntax::Pool* pool_ = nullptr;
  syntax::Change* change_ = nullptr;    ///< of a charge
  syntax::Example* example_ = nullptr;  ///< of the card, or an invoice
  std::optional<Owner> declaration_, item_;
  std::optional<Owner> plan_;       ///< of the open card
  bool item_in_plan_ = false;       ///< the open item belongs to it
  std::optional<Span> first_item_;  ///< the first word of the open card's first item

  // Blocks whose first line could not be read.
  syntax::Dimension lost_dimension_;
  syntax::Meter lost_meter_;
  syntax::Cost lost_cost_;
  syntax::Card lost_card_;
  syntax::Charge lost_charge_;
  syntax::Commit lost_commit_;
  syntax::Pool lost_pool_;
  syntax::Change lost_change_;
  syntax::Example lost_example_;
};

}  // namespace toll::dsl::assembly
