#include "cli/diff/statements.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace toll::cli {
namespace {

using Words = std::vector<std::string>;

/// Orders that matter in some cards only.
constexpr std::string_view kRows = "rows", kItems = "items";

/// The words of a line without its comment; a label is one word.
Words words_of(std::string_view line) {
  Words words;
  std::string word;
  bool in_label = false;
  for (const char c : line) {
    if (c == '"') in_label = !in_label;
    if (!in_label && c == '#') break;
    if (in_label || (c != ' ' && c != '\r')) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string joined(const Words& words, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < std::min(end, words.size()); ++i)
    text += (text.empty() ? "" : " ") + words[i];
  return text;
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// How many words name a statement that has no `at`.
size_t key_words(const Words& words) {
  constexpr std::array<std::string_view, 15> kOne = {
      "included", "rounded", "tiers", "minimum", "maximum", "discount", "surcharge", "currency",
      "period",   "from",    "grant", "sell",    "spend",   "rollover", "beyond"};
  constexpr std::array<std::string_view, 2> kWhole = {"guarantee", "alert"};
  if (is_one_of(words.front(), kWhole)) return words.size();
  return is_one_of(words.front(), kOne) ? 1 : 2;
}

/// Splits a line into what it is about and what it says about that.
Statement split(const Words& words) {
  Statement statement;
  const bool whole = key_words(words) >= words.size();
  const auto at = whole ? words.end() : std::ranges::find(words, "at");
  const size_t price = static_cast<size_t>(at - words.begin());
  if (price < words.size() || (!whole && words.back() == "free") || words == Words{"free"}) {
    const size_t end = price < words.size() ? price : words.size() - 1;
    statement.value = price < words.size() ? joined(words, price + 1, words.size()) : "free";
    Words key(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(end));
    // A label is no name: `fee base "Platform fee" at …` is `base` whatever it is called.
    if (!key.empty() && key.back().starts_with('"')) {
      statement.value = key.back() + " " + statement.value;
      key.pop_back();
    }
    statement.key = key.empty() ? "price" : joined(key, 0, key.size());
    return statement;
  }
  const size_t count = key_words(words);
  const size_t when = static_cast<size_t>(std::ranges::find(words, "when") - words.begin());
  statement.key = joined(words, 0, count);
  statement.value = joined(words, count, when);
  if (when < words.size() && !whole) statement.key += " " + joined(words, when, words.size());
  return statement;
}

/// The name of the block that a line opens, as it stands in paths.
std::string block_name(const Words& words) {
  const bool line = words.front() == "charge" || words.front() == "fee" || words.front() == "pool";
  return line && words.size() > 1 ? words[1] : joined(words, 0, 2);
}

/// What a line acts together with, in the order of the text, in a block of a kind: a minimum before
/// a discount is another one than behind it. Empty where it stands for itself.
std::string order_of(std::string_view word, std::string_view block) {
  constexpr std::array<std::string_view, 2> kQuantity = {"included", "rounded"};
  constexpr std::array<std::string_view, 4> kMoney = {"discount", "surcharge", "minimum",
                                                      "maximum"};
  constexpr std::array<std::string_view, 7> kNoRow = {"tiers", "tier",  "unit",   "share",
                                                      "costs", "limit", "blocked"};
  if (block == "charge") {
    if (is_one_of(word, kQuantity)) return "quantity";
    if (is_one_of(word, kMoney)) return "money";
    return is_one_of(word, kNoRow) ? std::string() : std::string(kRows);
  }
  if (block == "pool") return word == "grant" ? "grants" : std::string();
  if (word == "bill" || word == "commit") return "bill";
  if (word == "pool") return "pools";
  return word == "charge" || word == "fee" ? std::string(kItems) : std::string();
}

/// Whether the rows of a charge share something, or the first one that fits is taken.
bool has_ordered_rows(const Statement& statement) {
  const Words words = words_of(statement.text);
  if (words.front() != "charge") return std::ranges::find(words, "shared") != words.end();
  const auto on = std::ranges::find(words, "on"), by = std::find(on, words.end(), "by");
  return std::any_of(on, by, [](const std::string& word) { return word.ends_with(','); }) ||
         std::ranges::find(words, "each") != words.end();
}

/// Reads one block of text line by line and keeps the blocks that are open.
class BlockReader {
 public:
  BlockReader(const std::string& text, dsl::Span block, const dsl::CanonicalWords& words,
              std::vector<Statement>& statements)
      : text_(text), block_(block), words_(words), statements_(statements) {}

  void read() {
    const size_t first = statements_.size();
    read_lines();
    settle_orders(std::span(statements_).subspan(first));
  }

 private:
  void read_lines() {
    for (uint32_t begin = block_.begin; begin < block_.end;) {
      const size_t line_feed = std::min<size_t>(text_.find('\n', begin), block_.end);
      const uint32_t end = static_cast<uint32_t>(line_feed);
      read_line({begin, end});
      begin = end + 1;
    }
  }

  struct Open {
    size_t indentation;
    std::string name;
    std::string kind;  ///< "charge"
  };

  void read_line(dsl::Span span) {
    const std::string_view line = std::string_view(text_).substr(span.begin, span.end - span.begin);
    const Words words = words_of(line);
    if (words.empty()) return;
    const size_t indentation = line.find_first_not_of(' ');
    if (indentation > skipped_below_) return;
    skipped_below_ = words.front() == "example" ? indentation : kNothing;
    if (words.front() == "example") return;
    while (!open_.empty() && open_.back().indentation >= indentation) open_.pop_back();
    Statement statement = split(words);
    statement.text = joined(words, 0, words.size());
    for (const Open& open : open_)
      if (!open.name.empty()) statement.where += (statement.where.empty() ? "" : "/") + open.name;
    statement.canonical = words_.of(line);
    // A card's own lines need no mention of it.
    const bool card = words.front() == "card";
    const std::string block = open_.empty() ? std::string() : open_.back().kind;
    open_.push_back({indentation, card ? std::string() : block_name(words), words.front()});
    if (statement.key == "from" && open_.size() == 2 && open_.front().name.empty()) {
      const auto until = std::ranges::find(words, "until");
      if (until == words.end()) return;
      statement.key = statement.text = "until";
      statement.value = joined(words, static_cast<size_t>(until - words.begin()) + 1, words.size());
      statement.text += " " + statement.value;
      statement.canonical = statement.text;
    }
    statement.order = order_of(words.front(), block);
    if (!statement.order.empty()) statement.order = statement.where + "\n" + statement.order;
    statements_.push_back(std::move(statement));
  }

  /// Rows that share nothing may stand in any order, and so may charges that no pool pays for and
  /// no cent is spread over: then it is that of the invoice alone.
  static void settle_orders(std::span<Statement> statements) {
    std::set<std::string> ordered;
    for (const Statement& statement : statements) {
      const bool opens = statement.key.starts_with("charge ");
      const std::string charge =
          opens ? statement.key.substr(statement.key.find(' ') + 1) : std::string();
      const std::string where =
          statement.where.empty() || !opens ? statement.where : statement.where + "/";
      if (has_ordered_rows(statement)) ordered.insert(where + charge + "\n" + std::string(kRows));
      if (statement.key.starts_with("pool ") ||
          (statement.key == "round bill" && statement.where.empty()))
        ordered.insert(std::string(kItems));
    }
    for (Statement& statement : statements) {
      const bool rows = statement.order.ends_with(kRows), items = statement.order.ends_with(kItems);
      if ((rows && !ordered.contains(statement.order)) ||
          (items && !ordered.contains(std::string(kItems))))
        statement.order.clear();
    }
  }

  static constexpr size_t kNothing = ~size_t{0};

  const std::string& text_;
  const dsl::Span block_;
  const dsl::CanonicalWords& words_;
  std::vector<Statement>& statements_;
  std::vector<Open> open_;
  size_t skipped_below_ = kNothing;  // lines further in belong to an example
};

}  // namespace

std::vector<Statement> statements_of(const dsl::RateCard& card,
                                     std::span<const dsl::SourceFile> files,
                                     const dsl::CanonicalWords& words) {
  std::vector<Statement> statements;
  const auto read = [&](const std::string& text, dsl::Span block) {
    BlockReader(text, block, words, statements).read();
  };
  for (const dsl::Reached& reached : card.reached)
    read(files[reached.block.file].text, reached.block.span);
  for (Statement& statement : statements) statement.is_declared = true;
  if (card.text) {
    const uint32_t head = static_cast<uint32_t>(card.text->find('\n') + 1);
    read(*card.text, {head, static_cast<uint32_t>(card.text->size())});
  } else {
    read(files[card.block.file].text, card.block.span);
  }
  return statements;
}

std::string own_lines_of(const dsl::RateCard& card, std::span<const dsl::SourceFile> files,
                         const dsl::CanonicalWords& words) {
  const auto& [begin, end] = card.block.span;
  return words.of(std::string_view(files[card.block.file].text).substr(begin, end - begin));
}

}  // namespace toll::cli
