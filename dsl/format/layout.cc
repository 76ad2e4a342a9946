#include "dsl/format/layout.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "dsl/format/columns.h"
#include "dsl/format/outline.h"
#include "dsl/format/wording.h"
#include "dsl/scan/line.h"

namespace toll::dsl::formatting {
namespace {

constexpr uint32_t kNoLimit = std::numeric_limits<uint32_t>::max();

struct Comment {
  std::string text;
  uint32_t indent = 0;       ///< in the source
  bool blank_below = false;  ///< a blank line follows in the source
};

struct Statement {
  Standing standing;
  uint32_t indent = 0;  ///< in the source
  std::vector<Word> words;
  std::string text;            ///< the words with their columns
  std::string trailing;        ///< a comment on the line
  size_t trailing_at = 0;      ///< its column
  std::vector<Comment> above;  ///< comments that belong to it
  std::vector<Comment> below;  ///< comments at the end of the block that it ends
  bool blank_above = false;    ///< above its comments, in the source
  bool has_body = false;

  std::string_view keyword() const { return words[0].text; }
  bool is(Role role) const { return standing.role == role; }
};

// ---- Reading ----

struct Source {
  std::vector<Statement> statements;
  std::vector<Comment> last;  ///< that no statement follows
  bool blank_above_last = false;
};

/// Comments wait until the statement below them is known: most belong to it.
class Reader {
 public:
  explicit Reader(const UnitForms& units) : units_(units) {}

  void take(const scan::Line& line, std::string_view text) {
    std::string comment =
        line.comment
            ? tidied(text.substr(line.comment->begin, line.comment->end - line.comment->begin))
            : "";
    if (!line.tokens.empty()) {
      add(line, std::move(comment));
    } else if (line.comment) {
      waiting_.push_back({std::move(comment), line.indent});
    } else if (!waiting_.empty()) {
      waiting_.back().blank_below = true;
    } else {
      blank_ = true;
    }
  }

  Source finish() && {
    if (!waiting_.empty()) waiting_.back().blank_below = true;
    give_to_previous(0, 0);
    if (!waiting_.empty()) waiting_.back().blank_below = false;
    return {std::move(statements_), std::move(waiting_), blank_};
  }

 private:
  void add(const scan::Line& line, std::string trailing) {
    Statement statement;
    statement.standing = outline_.next(line.tokens);
    statement.indent = line.indent;
    statement.words = worded(line.tokens, units_);
    statement.trailing = std::move(trailing);
    give_to_previous(line.indent, statement.standing.depth);
    statement.above = std::move(waiting_);
    statement.blank_above = blank_;
    waiting_.clear();
    blank_ = false;
    if (!statements_.empty()) {
      Statement& above = statements_.back();
      above.has_body = statement.standing.depth > above.standing.depth;
    }
    statements_.push_back(std::move(statement));
  }

  /// A comment that is set off from the statement below by a blank line, and indented like the
  /// block that ends here, belongs to the block.
  void give_to_previous(uint32_t next_indent, uint32_t next_depth) {
    if (statements_.empty() || statements_.back().standing.depth <= next_depth) return;
    while (!waiting_.empty()) {
      const auto end = std::ranges::find(waiting_, true, &Comment::blank_below);
      if (end == waiting_.end() || waiting_.front().indent <= next_indent) return;
      auto& below = statements_.back().below;
      below.insert(below.end(), waiting_.begin(), end + 1);
      waiting_.erase(waiting_.begin(), end + 1);
      blank_ = true;
    }
  }

  const UnitForms& units_;
  Outline outline_;
  std::vector<Statement> statements_;
  std::vector<Comment> waiting_;
  bool blank_ = false;  ///< above what comes next
};

/// Within each card the header lines, with their comments, in the order of header_rank.
void sort_headers(std::vector<Statement>& statements) {
  const auto is_header = [](const Statement& s) { return s.is(Role::Header); };
  for (auto at = statements.begin(); at != statements.end();) {
    const auto begin = std::find_if(at, statements.end(), is_header);
    at = std::find_if_not(begin, statements.end(), is_header);
    std::stable_sort(begin, at, [](const Statement& a, const Statement& b) {
      return header_rank(a.keyword()) < header_rank(b.keyword());
    });
  }
}

// ---- Blank lines ----

enum class Gap : uint8_t { None, AsWritten, Blank };

/// Walks down the statements and says what stands between each and the one above it.
class Gaps {
 public:
  Gap above(const Statement& statement) {
    const Gap gap = !above_ ? Gap::AsWritten : between(*above_, statement);
    above_ = &statement;
    if (statement.is(Role::Declaration)) declaration_ = &statement;
    if (statement.is(Role::Item) && statement.standing.depth == 1) item_ = &statement;
    if (statement.is(Role::Declaration)) item_ = nullptr;
    return gap;
  }

 private:
  static bool stands_apart(const Statement* s) {
    return s && (s->keyword() == "card" || s->keyword() == "invoice" || s->keyword() == "cost");
  }
  static bool opens_paragraph(const Statement& s) { return s.has_body || s.keyword() == "plan"; }

  Gap between(const Statement& above, const Statement& statement) const {
    if (above.is(Role::Opening)) return Gap::Blank;
    switch (statement.standing.role) {
      case Role::Declaration:
        return stands_apart(declaration_) || stands_apart(&statement) ? Gap::Blank : Gap::AsWritten;
      case Role::Item:
        return above_item(above, statement);
      default:
        return Gap::None;
    }
  }

  Gap above_item(const Statement& above, const Statement& item) const {
    if (!above.is(Role::Item) && !above.is(Role::Body)) return Gap::Blank;  // the header ends
    if (item.standing.depth > 1) return &above == item_ ? Gap::None : Gap::AsWritten;
    const bool paragraph = opens_paragraph(item) || (item_ && opens_paragraph(*item_));
    return paragraph ? Gap::Blank : Gap::AsWritten;
  }

  const Statement* above_ = nullptr;
  const Statement* declaration_ = nullptr;
  const Statement* item_ = nullptr;  ///< the last one that stands at a card's first level
};

// ---- Columns ----

Table table_of(const Statement& s) {
  if (s.standing.row) {
    const bool value = s.standing.depth == 1 && std::ranges::none_of(s.words, [](const Word& w) {
                         return w.text == "at" || w.text == "free";
                       });
    return value ? Table::Values : Table::Prices;
  }
  if (s.is(Role::Declaration) && s.keyword() == "meter") return Table::Meters;
  if (s.is(Role::Body) && s.standing.depth == 1 && s.keyword() == "take") return Table::Takes;
  return Table::None;
}

/// Whether nothing stands between the two lines.
bool touch(const Statement& above, const Statement& below, Gap gap) {
  const bool blank = gap == Gap::Blank || (gap == Gap::AsWritten && below.blank_above);
  return !blank && above.below.empty() && below.above.empty() &&
         above.standing.depth == below.standing.depth;
}

/// Sets the texts, and the columns of comments behind them: two blanks after the longest line of a
/// table, or of the lines with comments that follow one another.
void set_columns(std::vector<Statement>& statements, std::span<const Gap> gaps) {
  for (size_t begin = 0, end; begin < statements.size(); begin = end) {
    const Table table = table_of(statements[begin]);
    const bool remarks = !statements[begin].trailing.empty();
    for (end = begin + 1; end < statements.size(); ++end) {
      const Statement& next = statements[end];
      const bool goes_on = table != Table::None
                               ? table_of(next) == table
                               : remarks && table_of(next) == Table::None && !next.trailing.empty();
      if (!goes_on || !touch(statements[end - 1], next, gaps[end])) break;
    }
    std::vector<Cells> lines;
    for (size_t i = begin; i < end; ++i) lines.push_back(cut(table, statements[i].words));
    std::vector<std::string> texts = aligned(lines);
    size_t longest = 0;
    for (const std::string& text : texts) longest = std::max(longest, display_width(text));
    for (size_t i = begin; i < end; ++i) {
      statements[i].text = std::move(texts[i - begin]);
      statements[i].trailing_at =
          2 + (longest <= kColumnMax ? longest : display_width(statements[i].text));
    }
  }
}

// ---- Writing ----

void write_line(std::string& out, uint32_t depth, std::string_view text) {
  out.append(size_t{2} * depth, ' ').append(text) += '\n';
}

void write_comments(std::string& out, std::span<const Comment> comments, uint32_t depth,
                    bool blanks) {
  for (const Comment& comment : comments) {
    write_line(out, depth, comment.text);
    if (blanks && comment.blank_below) out += '\n';
  }
}

void write(std::string& out, const Statement& s, Gap gap) {
  const bool blank = gap == Gap::Blank || (gap == Gap::AsWritten && s.blank_above);
  if (blank && !out.empty()) out += '\n';
  write_comments(out, s.above, s.standing.depth, gap != Gap::None);
  std::string line = s.text;
  if (!s.trailing.empty()) {
    line.append(s.trailing_at - display_width(line), ' ') += s.trailing;
  }
  write_line(out, s.standing.depth, line);
  write_comments(out, s.below, s.standing.depth, false);
}

}  // namespace

std::string tidied(std::string_view comment) {
  std::string text;
  for (char c : comment.substr(0, comment.find_last_not_of(" \t\r") + 1))
    text += c == '\t' ? std::string("  ") : std::string(1, c);
  return text;
}

UnitForms units_of(std::string_view text) {
  UnitForms units;
  units.add_declared(text);
  return units;
}

std::string said(std::string_view block, const UnitForms& units) {
  struct Line {
    bool header;
    uint32_t rank;
    std::string text;
  };
  std::vector<Line> lines;
  Outline outline;
  scan::LineScanner scanner(block, kNoLimit);
  for (scan::Line line; scanner.next(line);) {
    if (line.tokens.empty()) continue;
    const bool header = outline.next(line.tokens).role == Role::Header;
    Line& into = lines.emplace_back(
        Line{header, header ? header_rank(line.tokens.front().text) : 0, std::string()});
    for (const Word& word : worded(line.tokens, units))
      into.text += (into.text.empty() ? "" : " ") + word.text;
  }
  for (auto at = lines.begin(); at != lines.end();) {
    const auto begin = std::find_if(at, lines.end(), [](const Line& each) { return each.header; });
    at = std::find_if_not(begin, lines.end(), [](const Line& each) { return each.header; });
    std::ranges::stable_sort(begin, at, {}, &Line::rank);
  }
  std::string text;
  for (const Line& line : lines) text += line.text + "\n";
  return text;
}

std::string laid_out(std::string_view text, const UnitForms& units) {
  Reader reader(units);
  scan::LineScanner scanner(text, kNoLimit);
  for (scan::Line line; scanner.next(line);) reader.take(line, text);
  auto [statements, last, blank_above_last] = std::move(reader).finish();
  sort_headers(statements);

  Gaps walk;
  std::vector<Gap> gaps;
  for (const Statement& statement : statements) gaps.push_back(walk.above(statement));
  set_columns(statements, gaps);

  std::string out;
  for (size_t i = 0; i < statements.size(); ++i) write(out, statements[i], gaps[i]);
  if (!last.empty() && blank_above_last && !out.empty()) out += '\n';
  write_comments(out, last, 0, true);
  return out;
}

}  // namespace toll::dsl::formatting
