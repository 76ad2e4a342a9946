#include "dsl/checker/tables/expansion.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "dsl/checker/tables/columns.h"
#include "dsl/checker/tables/csv.h"
#include "dsl/checker/wording.h"
#include "dsl/parse.h"
#include "dsl/scan/faults.h"
#include "dsl/table_file.h"

namespace toll::dsl::checker {
namespace {

/// What a file may hold that is made of card and table files; the budget bounds it before.
constexpr uint32_t kMadeBytesMax = 1u << 30;

/// `rows from "sms.csv"`, and what reads it.
struct Naming {
  const syntax::RowsFrom* line;
  TableReader reader;
  size_t ordinal;  ///< of the charge or change, among those of the card
};

std::vector<Naming> namings_of(const syntax::Card& card, const ChargesByName& charges) {
  using Kind = TableReader::Kind;
  std::vector<Naming> namings;
  size_t ordinal = 0;
  for (const syntax::Item& item : card.items) {
    if (const auto* charge = std::get_if<syntax::Charge>(&item)) {
      for (const auto& line : charge->lines)
        if (const auto* rows = std::get_if<syntax::RowsFrom>(&line))
          namings.push_back({rows, {Kind::Charge, charge->by}, ordinal});
      ++ordinal;
    }
    if (const auto* change = std::get_if<syntax::Change>(&item)) {
      // Where the charge is missing, it is that which is said.
      const syntax::Charge* const charge = charges(change->name.text);
      for (const auto& line : change->lines)
        if (const auto* rows = std::get_if<syntax::RowsFrom>(&line.line); rows && charge)
          namings.push_back({rows, {Kind::Change, charge->by}, ordinal});
      ++ordinal;
    }
  }
  return namings;
}

/// What the reader of lines found, with what it says beside it.
void add_found(const Diagnostic& found, std::optional<Place> named, Report& report) {
  auto finding = report.add(found.code, found.message, found.primary.place, found.primary.text);
  if (named) finding.see(*named, "read from here");
  for (const auto& note : found.notes) finding.note(note.kind, note.text);
}

/// Reads one table file and adds its rows to a text.
class TableRows {
 public:
  TableRows(const Naming& naming, uint32_t file, Flattened& result, const Texts& texts,
            Report& report, Budget& budget)
      : naming_(naming),
        named_{file, naming.line->span},
        indent_(texts.indent(named_), ' '),
        result_(result),
        texts_(texts),
        report_(report),
        budget_(budget) {}

  /// The file; empty where there is none of that name.
  std::optional<uint32_t> find();
  /// False, and reported, where rows are missing.
  bool add(uint32_t file);

 private:
  bool check_key(const CsvCell& cell, std::string_view dimension);
  bool check_text(const CsvCell& cell);
  bool check_number(const CsvCell& cell, const Column& column);
  bool check_bound(const CsvCell& cell, const Column& column);
  bool check_cells(const CsvLine& line, const Columns& columns);
  bool is_affordable(uint64_t rows, uint64_t bytes);
  void put_words(std::string_view words);
  void put(const CsvCell& cell);
  void put(std::string_view words, const CsvCell& cell, const Column& column,
           std::string_view alone);
  void put_row(const CsvLine& line, const Columns& columns);
  bool fault(std::string_view code, std::string message, Span span, std::string help);
  std::string_view named_file() const { return naming_.line->file.text; }

  const Naming& naming_;
  const Place named_;
  const std::string indent_;
  Flattened& result_;
  const Texts& texts_;
  Report& report_;
  Budget& budget_;
  uint32_t file_ = 0;
  Place before_;       ///< the cell that was put last
  bool first_ = true;  ///< the row has no word yet
};

std::optional<uint32_t> TableRows::find() {
  const Place place{named_.file, naming_.line->file.span};
  if (!is_table_name(named_file())) {
    report_.add("E240", fmt::format("{} is no name of a table file", quoted(named_file())), place)
        .why("a card reads files of its own folder only")
        .help(
            "name a file that stands beside the card and ends in `.csv`: `rows from \"sms.csv\"`");
    return std::nullopt;
  }
  const auto file = texts_.table(named_file());
  if (!file) {
    report_
        .add("E240", fmt::format("there is no file {} beside this card", quoted(named_file())),
             place)
        .help("put the file into the folder of the card; upper and lower case differ");
    return std::nullopt;
  }
  const SourceFile& found = texts_.file(*file);
  if (!found.unread.empty()) {
    report_
        .add("E240", fmt::format("the file {} cannot be read", quoted(named_file())), place,
             found.unread)
        .help("put a file that can be read into the folder of the card");
    return std::nullopt;
  }
  return file;
}

bool TableRows::fault(std::string_view code, std::string message, Span span, std::string help) {
  report_.add(code, std::move(message), {file_, span})
      .see(named_, "read from here")
      .help(std::move(help));
  return false;
}

bool TableRows::check_key(const CsvCell& cell, std::string_view dimension) {
  if (cell.text.empty())
    return fault("E243", fmt::format("this row does not say for which {} it is", quoted(dimension)),
                 cell.span, "write a value, or `any` for all");
  if (cell.text.find_first_of(" ,:/+=#") == cell.text.npos) return true;
  return fault("E243", fmt::format("{} is no value of a dimension", quoted(cell.text)), cell.span,
               fmt::format("write one value of {}", quoted(dimension)));
}

bool TableRows::check_text(const CsvCell& cell) {
  const size_t comment = cell.text.find('#');
  if (comment == cell.text.npos) return true;
  const uint32_t at = cell.span.begin + static_cast<uint32_t>(comment);
  return fault("E243", "a cell has no comment", {at, at + 1},
               "put the comment on a line of its own that begins with `#`");
}

/// How a line comes to as many cells as the header has.
std::string help_for_cells(const CsvLine& line, const Columns& columns) {
  if (line.cells.size() > columns.count)
    return "put a cell that holds a comma into quotes: `\"1,000 calls\"`";
  const size_t other = line.cells.front().text.find_first_of(";\t|");
  if (line.cells.size() == 1 && other != std::string_view::npos)
    return "separate the cells by commas, as the header does";
  return "write a cell for each column; one that says nothing stays empty";
}

/// Whether the cells can stand in a row: what they say there is read with it.
bool TableRows::check_cells(const CsvLine& line, const Columns& columns) {
  if (line.fault)
    return fault("E241", std::string(line.fault->message), line.fault->span,
                 std::string(line.fault->help));
  if (line.cells.size() != columns.count)
    return fault("E241",
                 fmt::format("this line has {}, but the header has {}",
                             counted(line.cells.size(), "cell"), columns.count),
                 line.span, help_for_cells(line, columns));
  for (size_t i = 0; i < columns.keys.size(); ++i)
    if (!check_key(line.cells[columns.keys[i]], naming_.reader.by[i].text)) return false;
  if (columns.up_to && !check_bound(line.cells[columns.up_to->index], *columns.up_to)) return false;
  const CsvCell& price = line.cells[columns.at.index];
  if (price.text.empty())
    return fault("E243", "this row has no price", price.span, "write the price, or `free`");
  if (columns.was && !check_text(line.cells[columns.was->index])) return false;
  return check_text(price) && check_number(price, columns.at) &&
         (!columns.was || check_number(line.cells[columns.was->index], *columns.was));
}

/// Where the header says what follows every number, a cell is the number.
bool TableRows::check_number(const CsvCell& cell, const Column& column) {
  if (column.rest.text.empty()) return true;
  const std::string help =
      fmt::format("write the number alone, since the header says {}, or leave that out there",
                  quoted(column.rest.text));
  if (cell.text.find(' ') != cell.text.npos)
    return fault("E243", "this cell says more than a number", cell.span, help);
  // An error in the row would else stand at what the header says.
  if (!cell.text.ends_with('%')) return true;
  return fault("E243", fmt::format("{} is no number of units", quoted(cell.text)), cell.span, help);
}

bool TableRows::check_bound(const CsvCell& cell, const Column& column) {
  if (!check_text(cell) || !check_number(cell, column)) return false;
  const bool has_unit = !column.rest.text.empty() || cell.text.find(' ') != cell.text.npos;
  if (has_unit || cell.text.empty() || cell.text == "beyond") return true;
  return fault("E243", "this bound has no unit", cell.span,
               "write the unit behind it, or into the header as in `up to calls`");
}

/// Words of the row that stand in no cell; an error in them is shown at what stands before.
void TableRows::put_words(std::string_view words) {
  if (!first_) result_.add_made_piece(" ", before_);
  result_.add_made_piece(words, before_);
  first_ = false;
}

void TableRows::put(const CsvCell& cell) {
  if (cell.text.empty()) return;
  before_ = {file_, cell.span};
  if (!first_) result_.add_made_piece(" ", before_);
  result_.add_piece(cell.text, before_);
  first_ = false;
}

/// `up to 1,000 segments`, `at 0.0083 USD per segment`; a word that stands for itself stays alone.
void TableRows::put(std::string_view words, const CsvCell& cell, const Column& column,
                    std::string_view alone) {
  if (cell.text.empty()) return;
  if (cell.text == alone) return put(cell);
  if (!words.empty()) put_words(words);
  put(cell);
  if (column.rest.text.empty()) return;
  result_.add_made_piece(" ", before_);
  result_.add_common_piece(column.rest.text, {file_, column.rest.span});
}

void TableRows::put_row(const CsvLine& line, const Columns& columns) {
  result_.begin_row(named_);
  before_ = {file_, line.span};
  first_ = true;
  result_.add_made_piece(indent_, before_);
  for (size_t i = 0; i < columns.keys.size(); ++i) {
    if (i > 0) result_.add_made_piece(",", before_);
    put(line.cells[columns.keys[i]]);
  }
  if (columns.up_to) put("up to", line.cells[columns.up_to->index], *columns.up_to, "beyond");
  put("at", line.cells[columns.at.index], columns.at, "free");
  if (columns.was && !line.cells[columns.was->index].text.empty()) {
    result_.add_made_piece(", was", before_);
    put("", line.cells[columns.was->index], *columns.was, "free");
  }
  result_.end_row();
}

bool TableRows::is_affordable(uint64_t rows, uint64_t bytes) {
  const auto refuse = [this](std::string message) {
    report_.add("E214", std::move(message), named_).help("split the charge into several");
    return false;
  };
  if (rows > kRowsMax)
    return refuse(fmt::format("a charge has at most {}", counted(kRowsMax, "row")));
  if (!budget_.take_rows(1) || !budget_.take_text(bytes))
    return refuse("the cards that are checked together read too many rows");
  return true;
}

bool TableRows::add(uint32_t file) {
  file_ = file;
  const std::string& text = texts_.file(file).text;
  if (text.size() > kTableFileBytesMax)
    return fault(
        "E240", fmt::format("the file {} is too large", quoted(named_file())), {0, 0},
        fmt::format("a table file has at most {} MiB; split it", kTableFileBytesMax >> 20));
  if (const auto found =
          scan::file_fault(texts_.file(file), file, {.bytes_max = kTableFileBytesMax})) {
    add_found(*found, named_, report_);
    return false;
  }
  CsvReader reader(text);
  CsvLine line;
  if (!reader.next(line))
    return fault("E241", "this file is empty", {0, 0}, "begin it with the names of its columns");
  if (line.fault)
    return fault("E241", std::string(line.fault->message), line.fault->span,
                 std::string(line.fault->help));
  const auto columns = columns_of(line, file, naming_.reader, named_, report_);
  if (!columns) return false;
  const size_t behind = columns->at.rest.text.size() +
                        (columns->up_to ? columns->up_to->rest.text.size() : 0) +
                        (columns->was ? columns->was->rest.text.size() : 0) + indent_.size();
  bool complete = true;
  uint64_t rows = 0;
  while (reader.next(line)) {
    if (!is_affordable(++rows, behind + line.span.end - line.span.begin)) return false;
    const bool sound = check_cells(line, *columns);
    if (sound) put_row(line, *columns);
    complete = complete && sound;
  }
  if (rows == 0)
    return fault("E241", "this file has no rows", {0, 0}, "write the rows below the header line");
  return complete;
}

/// A card, or a cost table, that names table files.
class Expansion {
 public:
  Expansion(Place head, Span block, std::vector<Naming> namings, Texts& texts, Report& report,
            Budget& budget)
      : own_(head.file),
        block_(block),
        namings_(std::move(namings)),
        texts_(texts),
        report_(report),
        budget_(budget),
        result_(head) {}

  /// The new text, of which the tree is kept in `trees`.
  uint32_t run(std::deque<syntax::File>& trees) {
    add_lines();
    const uint32_t file = texts_.add(std::move(result_));
    Parsed parsed = parse(texts_.file(file), file, {.bytes_max = kMadeBytesMax});
    for (const Diagnostic& found : parsed.diagnostics) take(found);
    trees.push_back(std::move(parsed.tree));
    return file;
  }

  /// Whether rows of the charge or change are missing.
  bool is_incomplete(size_t ordinal) const { return incomplete_.contains(ordinal); }
  bool failed() const { return failed_ || !incomplete_.empty(); }
  std::vector<uint32_t> files() && { return std::move(files_); }

 private:
  /// The lines of the block as they stand, but for those that name a file.
  void add_lines() {
    const std::string& text = texts_.file(own_).text;
    result_.add_made("toll 1", result_.head());
    auto naming = namings_.begin();
    for (uint32_t begin = block_.begin; begin < block_.end;) {
      const size_t line_feed = std::min<size_t>(text.find('\n', begin), block_.end);
      const uint32_t end = static_cast<uint32_t>(line_feed);
      if (naming != namings_.end() && naming->line->span.begin < end) {
        if (!add_rows(*naming)) incomplete_.insert(naming->ordinal);
        ++naming;
      } else {
        const bool carriage_return = end > begin && text[end - 1] == '\r';
        const Span line{begin, carriage_return ? end - 1 : end};
        result_.add(texts_.text({own_, line}), {own_, line});
      }
      begin = end + 1;
    }
  }

  bool add_rows(const Naming& naming) {
    TableRows rows(naming, own_, result_, texts_, report_, budget_);
    const auto file = rows.find();
    if (!file) return false;
    if (std::ranges::find(files_, *file) == files_.end()) files_.push_back(*file);
    return rows.add(*file);
  }

  /// What is wrong with the other lines, and with the indentation, which rows have from the line
  /// that names their file, was said when the card was read.
  void take(const Diagnostic& found) {
    if (found.code == "E003") return;
    if (!texts_.named_by(found.primary.place)) return;
    add_found(found, std::nullopt, report_);
    failed_ = true;  // a row with a tab is read nevertheless, and is wrong
  }

  const uint32_t own_;
  const Span block_;
  const std::vector<Naming> namings_;
  Texts& texts_;
  Report& report_;
  Budget& budget_;
  Flattened result_;
  std::vector<uint32_t> files_;
  std::set<size_t> incomplete_;  ///< charges and changes, by their ordinal
  bool failed_ = false;
};

}  // namespace

Expanded expand(const CardText& own, const ChargesByName& charges, std::deque<syntax::File>& trees,
                Texts& texts, Report& report, Budget& budget) {
  auto namings = namings_of(*own.tree, charges);
  if (namings.empty()) return {own, {}, false};
  Expansion expansion({own.file, own.tree->span}, own.tree->block, std::move(namings), texts,
                      report, budget);
  const uint32_t file = expansion.run(trees);
  auto& card = std::get<syntax::Card>(trees.back().declarations.front());
  size_t ordinal = 0;
  for (syntax::Item& item : card.items) {
    auto* charge = std::get_if<syntax::Charge>(&item);
    auto* change = std::get_if<syntax::Change>(&item);
    if (!charge && !change) continue;
    if (expansion.is_incomplete(ordinal++)) (charge ? charge->damaged : change->damaged) = true;
  }
  const bool failed = expansion.failed();
  return {{file, &card}, std::move(expansion).files(), failed};
}

ExpandedCost expand(const syntax::Cost& cost, Place block, std::deque<syntax::File>& trees,
                    Texts& texts, Report& report, Budget& budget) {
  if (cost.rows_from.empty()) return {block.file, &cost, false};
  std::vector<Naming> namings;
  for (const syntax::RowsFrom& rows : cost.rows_from)
    namings.push_back({&rows, {TableReader::Kind::Cost, cost.by}, 0});
  Expansion expansion({block.file, cost.span}, block.span, std::move(namings), texts, report,
                      budget);
  const uint32_t file = expansion.run(trees);
  auto& made = std::get<syntax::Cost>(trees.back().declarations.front());
  made.damaged = made.damaged || expansion.failed();
  return {file, &made, expansion.failed()};
}

}  // namespace toll::dsl::checker
