#include "dsl/grammar/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/money.h"
#include "dsl/scan/rows.h"

namespace toll::dsl::grammar {
namespace {

/// The words that stand alone in backticks: "`up`, `down` or a number" -> up, down.
std::vector<std::string> quoted_words(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    size_t open = text.find('`');
    size_t close = open == text.npos ? text.npos : text.find('`', open + 1);
    if (close == text.npos) return words;
    words.emplace_back(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

Diagnostic with_help(Diagnostic diagnostic, std::string help) {
  diagnostic.notes.push_back({"help", std::move(help)});
  return diagnostic;
}

std::string did_you_mean(std::string_view word) { return fmt::format("did you mean `{}`?", word); }

/// `rouned up to 100 calls` begins like a row with a key, but is meant as `rounded up to`.
std::string misspelled_statement(Tokens line) {
  bool bounded = line.size() > 1 && line[1].is_word("up");
  const std::string keyword = "rounded";
  return bounded ? suggest(line[0].text, {&keyword, 1}) : std::string();
}

constexpr const char* kCommentHelp = "a comment begins with `#`";

/// `//`, as other languages begin a comment.
bool begins_comment(Tokens line, Span place) {
  const auto at = std::ranges::find(line, place, &scan::Token::span);
  return at != line.end() && at + 1 != line.end() && at->is_sign('/') && (at + 1)->is_sign('/');
}

/// `change fee base discount 5%`: a fee has a price to change, and no lines.
std::string change_of_fee(Tokens line, Span place) {
  if (line.size() < 3 || !line[0].is_word("change") || !line[1].is_word("fee")) return {};
  const std::string name = line[2].span == place ? "base" : std::string(line[2].text);
  std::string help = fmt::format(
      "write its new price and the one it replaces: `change fee {} at 450.00 USD per month, was "
      "500.00 USD per month`",
      name);
  const bool takes_off =
      std::ranges::any_of(line, [](const scan::Token& token) { return token.is_word("discount"); });
  return takes_off ? help + "; or add a `bill discount 5%`, which is off the whole bill" : help;
}

/// `per 1 M tokens`: the suffix was taken for the unit, and the unit for what follows it.
std::string suffix_by_itself(Tokens line, size_t place) {
  if (place < 2 || place >= line.size()) return {};
  const scan::Token &number = line[place - 2], &suffix = line[place - 1], &unit = line[place];
  if (number.kind != scan::TokenKind::Number || unit.kind != scan::TokenKind::Word) return {};
  if (suffix.is_word("M") || suffix.is_word("B"))
    return fmt::format("`{0}` is attached to its number: write `{1}{0} {2}`", suffix.text,
                       number.text, unit.text);
  if (suffix.is_word("K") || suffix.is_word("k"))
    return fmt::format("`{}` could be 1,000 or 1,024: write all the digits, as in `1,000 {}`",
                       suffix.text, unit.text);
  return {};
}

/// `10% of base, calls` and `10% of traffic/eu`, as people write what a share is of.
std::string share_put_otherwise(Tokens line, size_t place) {
  if (place < 3 || place >= line.size()) return {};
  size_t of = place;
  while (of > 1 && !line[of].is_word("of")) --of;
  if (!line[of].is_word("of") || line[of - 1].kind != scan::TokenKind::Percent) return {};
  const std::string_view percent = line[of - 1].text, before = line[place - 1].text;
  if (line[place].is_sign('/'))
    return fmt::format("a share is of a charge with all of its rows: `{} of {}`", percent, before);
  if (!line[place].is_sign(',') || place + 1 == line.size()) return {};
  return fmt::format("charges and fees are joined by `and`: `{} of {} and {}`", percent, before,
                     line[place + 1].text);
}

/// What people write for a tier, a percentage or a compound unit, put as Toll has it; empty where
/// the line is none of these.
std::string put_otherwise(Tokens line, Span place) {
  using scan::TokenKind;
  const auto number_at = [&](size_t i) {
    return i < line.size() && line[i].kind == TokenKind::Number;
  };
  const auto begins_with = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return line[0].is_word(word); });
  };
  if (begins_comment(line, place)) return kCommentHelp;
  if (std::string help = change_of_fee(line, place); !help.empty()) return help;
  const auto at = std::ranges::find(line, place, &scan::Token::span);
  if (at != line.end() && (at->is_word("above") || at->is_word("over")))
    return "the tier above all others is `beyond at …`";
  if (line[0].span == place && line[0].kind == TokenKind::Number && scan::is_price_row(line))
    return "a key is a value of a dimension: a name, which begins with a letter";
  if (line[0].span == place && line[0].kind == TokenKind::Label && scan::is_price_row(line))
    return "a key is a value of a dimension, written without quotes: `large at …`";
  if (number_at(1) && begins_with({"from"}))
    return "a tier has its upper bound only, which belongs to it: `up to 200 calls at …`";
  if (number_at(1) && begins_with({"upto", "first", "next", "under", "until", "below"}))
    return "a tier ends at its upper bound, which belongs to it: `up to 1,000 calls at …`";
  if (number_at(1) && begins_with({"over", "above", "after", "more"}))
    return "tiers have upper bounds only; the last one, above them all, is `beyond at …`";
  if (number_at(1) && begins_with({"discount", "surcharge"}))
    return fmt::format("write `{0} {1}%` for a percentage, or `{0} {1} USD` for an amount",
                       line[0].text, line[1].text);
  if (std::string help = suffix_by_itself(line, static_cast<size_t>(at - line.begin()));
      !help.empty())
    return help;
  if (std::string help = share_put_otherwise(line, static_cast<size_t>(at - line.begin()));
      !help.empty())
    return help;
  if (at != line.end() && at->kind == TokenKind::Label && could_be_of_bill(line)) {
    const std::string_view first = line.front().text, last = line.back().text;
    return fmt::format("only a line of the bill has a label: for the whole bill write `bill {}`",
                       std::string_view(first.data(), last.data() + last.size()));
  }
  const bool free_units = at != line.end() && at + 1 != line.end() && at->is_word("free") &&
                          (at + 1)->kind == TokenKind::Word;
  if (free_units && begins_with({"included"}) && number_at(1))
    return fmt::format("what is included is free: write `included {} {}`", line[1].text,
                       (at + 1)->text);
  constexpr std::string_view kTimes[] = {"second", "minute", "hour",    "day",
                                         "week",   "month",  "quarter", "year"};
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i].span != place || line[i - 1].kind != TokenKind::Word) continue;
    std::string_view time = line[i].text;
    if (time.ends_with('s')) time.remove_suffix(1);
    if (std::ranges::find(kTimes, time) != std::end(kTimes))
      return fmt::format("a unit that is a product has a hyphen: `{}-{}`", line[i - 1].text,
                         line[i].text);
  }
  return {};
}

std::string text_at(Tokens line, Span place) {
  for (const scan::Token& token : line) {
    if (token.span == place) return fmt::format("`{}`", token.text);
  }
  return "the end of the line";
}

Diagnostic explain_unexpected(const Misreading& misreading, Tokens line, const Statement& statement,
                              Place place) {
  std::string found = text_at(line, misreading.place);
  if (std::string help = put_otherwise(line, misreading.place); !help.empty())
    return with_help(
        diagnostic("E004", fmt::format("expected {}, found {}", misreading.expected, found), place),
        std::move(help));
  std::string meant = misspelled_statement(line);
  bool is_word = found.size() > 2 && found.front() == '`';
  if (meant.empty() && is_word) {
    meant = suggest(found.substr(1, found.size() - 2), quoted_words(misreading.expected));
  }
  return with_help(
      diagnostic("E004", fmt::format("expected {}, found {}", misreading.expected, found), place),
      meant.empty() ? fmt::format("for example `{}`", statement.form) : did_you_mean(meant));
}

constexpr std::string_view kBillWords[] = {"discount", "surcharge", "minimum", "maximum"};

/// Where the lines of a level belong.
struct Home {
  Level level;
  std::string_view block;
  std::string_view help;
};
constexpr Home kHomes[] = {
    {Level::Header, "a card",
     R"(write it below a line such as `card api_platform "API platform"`)"},
    {Level::Item, "a card", R"(write it below a line such as `card api_platform "API platform"`)"},
    {Level::MeterLine, "a meter", "write it below a line such as `meter api_calls counts call`"},
    {Level::ChargeLine, "a charge",
     R"(write it below a line such as `charge api_calls "API calls"`)"},
    {Level::CommitLine, "a commitment",
     R"(write it below a line such as `commit annual 60,000.00 USD per year`)"},
    {Level::PoolLine, "a pool",
     R"(write it below a line such as `pool compute in credit, credits`)"},
    {Level::ExampleLine, "an example or an invoice",
     R"(write it below a line such as `example "Growing customer" in 2026-03`)"},
};

}  // namespace

bool could_be_of_bill(Tokens line) {
  std::vector<scan::Token> with_bill{{scan::TokenKind::Word, "bill", line[0].span}};
  with_bill.insert(with_bill.end(), line.begin(), line.end());
  const auto read = bill_line(with_bill);
  return read && (!read->amount || find_currency(read->amount->unit.text));
}

Diagnostic explain(const Misreading& misreading, Tokens line, const Statement& statement,
                   uint32_t file_index) {
  Place place{file_index, misreading.place};
  switch (misreading.kind) {
    case Misreading::Kind::Unexpected:
      break;
    case Misreading::Kind::NotAName: {
      auto message =
          fmt::format("{} cannot be {}", text_at(line, misreading.place), misreading.expected);
      return with_help(diagnostic("E010", std::move(message), place, misreading.reason),
                       misreading.help);
    }
    case Misreading::Kind::SaidTwice: {
      auto message = fmt::format("{} is said twice", misreading.expected);
      return with_help(diagnostic("E005", std::move(message), place),
                       misreading.help.empty() ? "keep one of the two" : misreading.help);
    }
  }
  return explain_unexpected(misreading, line, statement, place);
}

Diagnostic unknown_statement(Tokens line, std::span<const Level> allowed,
                             const Statement* suggestion, uint32_t file_index) {
  auto message = fmt::format("`{}` means nothing at the beginning of a line here", line[0].text);
  return with_help(diagnostic("E002", std::move(message), {file_index, line[0].span}),
                   begins_comment(line, line[0].span) ? kCommentHelp
                   : suggestion                       ? did_you_mean(suggestion->keyword)
                                : fmt::format("a line here begins with {}", keywords_of(allowed)));
}

Diagnostic misplaced_statement(Tokens line, const Statement& statement,
                               std::optional<Span> first_item, uint32_t file_index) {
  Place place{file_index, line[0].span};
  std::string what = statement.kind == Kind::Row ? "a price" : fmt::format("`{}`", line[0].text);
  if (statement.level == Level::Opening) {
    return with_help(diagnostic("E006", "`toll 1` stands at the beginning of a file", place),
                     "keep only the first");
  }
  if (statement.level == Level::Header && first_item) {
    Diagnostic result = with_help(
        diagnostic("E006", fmt::format("{} belongs in the header of the card", what), place),
        "move the line up, above this one");
    result.related.push_back({{file_index, *first_item}, "the header ends here"});
    return result;
  }
  const Home& home = *std::ranges::find(kHomes, statement.level, &Home::level);
  Diagnostic result =
      with_help(diagnostic("E006", fmt::format("{} belongs in {}", what, home.block), place),
                std::string(home.help));
  bool for_bill = std::ranges::find(kBillWords, statement.keyword) != std::end(kBillWords);
  if (for_bill) {
    result.notes.push_back(
        {"help", fmt::format("for the whole bill write `bill {}`", statement.keyword)});
  }
  return result;
}

}  // namespace toll::dsl::grammar
