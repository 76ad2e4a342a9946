// Every statement, wrong in every place: the message is in plain words and the caret is on the
// token.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dsl/grammar/statements.h"
#include "dsl/parse.h"

namespace toll::dsl {
namespace {

using grammar::Kind;
using grammar::Level;
using grammar::Statement;

/// The lines that open what the statement belongs in, and its own indentation.
std::string context_of(const Statement& statement) {
  std::string card = "card c\n";
  switch (statement.level) {
    case Level::Opening:
      return "";
    case Level::Declaration:
      return "toll 1\n";
    case Level::DimensionRow:
      return statement.kind == Kind::TimeValue ? "toll 1\ndimension d by time\n  "
                                               : "toll 1\ndimension d by field\n  ";
    case Level::MeterLine:
      return "toll 1\nmeter m counts call\n  ";
    case Level::Header:
    case Level::Item:
      return "toll 1\n" + card + "  ";
    case Level::ChargeLine:
      return "toll 1\n" + card + "  charge m\n    ";
    case Level::CommitLine:
      return "toll 1\n" + card + "  commit c 5 USD per year\n    ";
    case Level::PoolLine:
      return "toll 1\n" + card + "  pool p in credit\n    ";
    case Level::CostLine:
      return "toll 1\ncost c on m\n  ";
    case Level::ExampleLine:
      return "toll 1\n" + card + "  example \"e\"\n    ";
  }
  return "";
}

std::vector<Statement> all_statements() {
  auto table = grammar::statements();
  std::vector<Statement> all(table.begin(), table.end());
  all.push_back(grammar::kPriceRow);
  all.push_back(grammar::kTierRow);
  all.push_back(grammar::kKeyedRow);
  all.push_back(grammar::kDerivedValue);
  all.push_back(grammar::kTimeValue);
  return all;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string canonical = canonical_tokens(line, {0, static_cast<uint32_t>(line.size())});
  canonical.pop_back();
  bool quoted = false;
  words.emplace_back();
  for (char c : canonical) {
    quoted ^= c == '"';
    if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

/// A message for a pricing manager names no type of C++ and leaves nothing out.
void expect_plain(const Diagnostic& d, const std::string& text) {
  std::string all = d.message + "|" + d.primary.text;
  for (const Note& note : d.notes) all += "|" + note.text;
  for (auto leak :
       {"boost", "x3", "toll3dsl", "unused", "St6", "N5", "  ", "expected ,", "``", "{}"}) {
    EXPECT_FALSE(all.contains(leak)) << text << "\n" << all;
  }
  EXPECT_FALSE(d.message.ends_with('.')) << d.message;
  EXPECT_FALSE(d.notes.empty()) << text << "\n" << d.message;
}

TEST(Statement, FormsThatAreShownAreRight) {
  for (const Statement& statement : all_statements()) {
    std::string text = context_of(statement) + std::string(statement.form) + "\n";
    Parsed parsed = parse({"f", text}, 0);
    for (const Diagnostic& d : parsed.diagnostics) {
      ADD_FAILURE() << text << d.code << " " << d.message;
    }
  }
}

TEST(Statement, CutAnywhereIsReportedAtItsEnd) {
  for (const Statement& statement : all_statements()) {
    auto words = words_of(statement.form);
    for (size_t kept = 1; kept < words.size(); ++kept) {
      std::vector<std::string> cut(words.begin(), words.begin() + static_cast<long>(kept));
      std::string text = context_of(statement) + joined(cut) + "\n";
      Parsed parsed = parse({"f", text}, 0);
      // Some statements are complete earlier: a label or a condition may be left out.
      ASSERT_LE(parsed.diagnostics.size(), 1u) << text;
      for (const Diagnostic& d : parsed.diagnostics) expect_plain(d, text);
    }
  }
}

TEST(Statement, WithAWrongTokenAnywhereIsReportedInPlainWords) {
  const std::string intruders[] = {"intruder", "7",  "12%", "\"label\"",  "2026-01-01",
                                   "2026-01",  ",",  ":",   "/",          "any",
                                   "free",     "at", "+",   "08:00-20:00"};
  for (const Statement& statement : all_statements()) {
    auto words = words_of(statement.form);
    for (size_t at = 1; at < words.size(); ++at) {
      for (const std::string& intruder : intruders) {
        auto wrong = words;
        wrong[at] = intruder;
        std::string context = context_of(statement);
        std::string text = context + joined(wrong) + "\n";
        Parsed parsed = parse({"f", text}, 0);
        ASSERT_LE(parsed.diagnostics.size(), 1u) << text;
        for (const Diagnostic& d : parsed.diagnostics) {
          expect_plain(d, text);
          EXPECT_GE(d.primary.place.span.begin, text.rfind('\n', text.size() - 2) + 1) << text;
        }
      }
    }
  }
}

TEST(Statement, WithAWrongBeginIsReportedInPlainWords) {
  const std::string intruders[] = {"intruder",    "3",    "12%", "\"x\"", "2026-01-01", "2026-01",
                                   "08:00-20:00", "2024", ",",   "/",     "+",          "Mon-Fri"};
  int found = 0;
  for (const Statement& statement : all_statements()) {
    const auto words = words_of(statement.form);
    for (const std::string& intruder : intruders) {
      for (const std::string& begin :
           {intruder, intruder + ",", intruder + ", eu", "eu, " + intruder}) {
        for (const size_t left_out : {0u, 1u}) {
          std::string text = context_of(statement) + begin;
          for (size_t i = left_out; i < words.size(); ++i) text += " " + words[i];
          for (const Diagnostic& d : parse({"f", text + "\n"}, 0).diagnostics) {
            expect_plain(d, text);
            ++found;
          }
        }
      }
    }
  }
  EXPECT_GT(found, 2'000);
}

TEST(Statement, GoesOnForTwentyThousandParenthesesWithoutRecursion) {
  std::string text = "toll 1\ncard c\n  charge m\n    at " + std::string(20000, '(') + "\n";
  ParseLimits limits;
  limits.line_bytes_max = 1 << 20;
  Parsed parsed = parse({"f", text}, 0, limits);
  ASSERT_EQ(parsed.diagnostics.size(), 1u);
  EXPECT_EQ(parsed.diagnostics[0].code, "E021");
}

// ---- Messages ----

struct Case {
  Level level;
  const char* line;
  const char* code;
  const char* message;
  const char* help;
};

TEST(Message, SaysWhatBelongsThere) {
  const Case cases[] = {
      {Level::ChargeLine, "included 100", "E004", "expected a unit, found the end of the line",
       "for example `included 100,000 calls`"},
      {Level::ChargeLine, "at 5 USD each", "E004",
       "expected `per` and a unit, or `flat`, found `each`",
       "for example `at 0.0040 USD per call`"},
      {Level::ChargeLine, "at 0.0040 per call", "E004",
       "expected a currency such as `USD`, found `per`", "for example `at 0.0040 USD per call`"},
      {Level::ChargeLine, "included 100 shared", "E004", "expected a unit, found `shared`",
       "for example `included 100,000 calls`"},
      {Level::ChargeLine, "up to 5 calls", "E004",
       "expected `at` and a price, or `free`, found the end of the line",
       "for example `up to 1M calls at 0.0040 USD per call`"},
      {Level::ChargeLine, "3 at 1.00 USD per call", "E004",
       "expected a key, `up to`, `beyond`, `at` or `free`, found `3`",
       "a key is a value of a dimension: a name, which begins with a letter"},
      {Level::ChargeLine, "2024, eu at 1.00 USD per call", "E004",
       "expected a key, `up to`, `beyond`, `at` or `free`, found `2024`",
       "a key is a value of a dimension: a name, which begins with a letter"},
      {Level::ChargeLine, "\"x\" at 1.00 USD per call", "E004",
       "expected a key, `up to`, `beyond`, `at` or `free`, found `\"x\"`",
       "a key is a value of a dimension, written without quotes: `large at …`"},
      {Level::ChargeLine, "mini output at 5 USD flat", "E004",
       "expected `,` and a further key, `up to`, `beyond`, `at` or `free`, found `output`",
       "for example `mini, output at 1.60 USD per 1M tokens`"},
      {Level::ChargeLine, "at 2.9% per call", "E004",
       "expected `of` and the charges that it is a share of, `+`, or the end of the line, found "
       "`per`",
       "for example `at 0.0040 USD per call`"},
      {Level::ChargeLine, "tiers gradated", "E004",
       "expected `graduated`, `volume` or `stairstep`, found `gradated`",
       "did you mean `graduated`?"},
      {Level::ChargeLine, "rouned up to 100 calls", "E004",
       "expected `at` and a price, or `free`, found the end of the line",
       "did you mean `rounded`?"},
      {Level::ChargeLine, "tiers volume across", "E004",
       "expected `rows`, found the end of the line", "for example `tiers graduated`"},
      {Level::ChargeLine, "dicount 10%", "E002",
       "`dicount` means nothing at the beginning of a line here", "did you mean `discount`?"},
      {Level::Item, "fee base at 5 USD monthly", "E004",
       "expected `per` and a period, or `once`, found `monthly`",
       "for example `fee base \"Platform fee\" at 500.00 USD per month, in advance, not prorated`"},
      {Level::Item, "fee base at 5 USD per month in advance", "E004",
       "expected `,` or the end of the line, found `in`",
       "for example `fee base \"Platform fee\" at 500.00 USD per month, in advance, not prorated`"},
      {Level::Item, "fee base at 5 USD per month, in advance, in arrears", "E005",
       "when the fee is due is said twice", "keep one of the two"},
      {Level::Item, "charge payments by method for item", "E004",
       "expected `,` and a further dimension, `each` or the end of the line, found `for`",
       "for example `charge api_calls \"API calls\" by region`"},
      {Level::Item, "guarantee profit at least 20%", "E004",
       "expected `bill never decreases`, `bill at most`, `bill at least`, `no cliff above`, "
       "`margin "
       "at least`, `never dearer than` or `unit price never increases`, found `profit`",
       "for example `guarantee bill never decreases`"},
      {Level::Item, "wallet flex in credits", "E002",
       "`wallet` means nothing at the beginning of a line here",
       "a line here begins with `from`, `currency`, `time`, `period`, `round`, `for`, `switch`, "
       "`applies`, `fee`, `charge`, `pool`, `bill`, `commit`, `plan`, `limit`, `feature`, `alert`, "
       "`change`, "
       "`remove`, "
       "`guarantee` or `example`"},
      {Level::Item, "pool flex", "E004",
       "expected a label, or `in` and a credit unit, found the end of the line",
       "for example `pool compute \"Compute credits\" in credit, credits`"},
      {Level::Item, "pool flex in credit per month", "E004",
       "expected `,` and a further name, `for` and charges, or the end of the line, found `per`",
       "for example `pool compute \"Compute credits\" in credit, credits`"},
      {Level::PoolLine, "beyond stops", "E004",
       "expected `at` and a price, or `blocked`, found `stops`",
       "for example `beyond at 3.00 USD per credit`"},
      {Level::PoolLine, "spend newest first", "E004",
       "expected `soonest-expiring` or `oldest`, found `newest`",
       "for example `spend soonest-expiring first`"},
      {Level::PoolLine, "grant 5 credits every month for free", "E004",
       "expected `,` and `expires`, or the end of the line, found `for`",
       "for example `grant 500 credits every month`"},
      {Level::PoolLine, "at 5 USD per credit", "E006", "a price belongs in a charge",
       "write it below a line such as `charge api_calls \"API calls\"`"},
      {Level::Item, "change charge", "E004", "expected a charge, found the end of the line",
       "for example `change charge api_calls`"},
      {Level::Item, "change fee base at 5 USD per month", "E004",
       "expected `, was` and the price it replaces, found the end of the line",
       "write its new price and the one it replaces: `change fee base at 450.00 USD per month, was "
       "500.00 USD per month`"},
      {Level::Item, "plan any", "E010", "`any` cannot be a plan's name", "choose another word"},
      {Level::Declaration, "meter payments adds USD", "E004",
       "expected `counts`, `sums`, `averages`, `peaks`, `latest`, `accrues`, `lists` or "
       "`percentile`, found `adds`",
       "for example `meter api_calls counts call by region`"},
      {Level::Declaration, "card api extends", "E004",
       "expected a card, or `previous`, found the end of the line",
       "for example `card api_platform \"API platform\"`"},
      {Level::Declaration, "dimension country is US, any", "E010",
       "`any` cannot be a dimension's value", "for values that are not listed, write `other`"},
      {Level::Declaration, "unit started", "E010", "`started` cannot be a unit's name",
       "choose another word"},
      {Level::Declaration, "unit per", "E010", "`per` cannot be a unit's name",
       "choose another word"},
      {Level::Declaration, "card previous", "E010", "`previous` cannot be a card's name",
       "choose another word"},
      {Level::MeterLine, "take time", "E010", "`time` cannot be a field", "choose another word"},
      {Level::ExampleLine, "use api_calls 5 calls during 2026-01", "E004",
       "expected `,` and a further quantity, `from` and a date or the end of the line, found "
       "`during`",
       "for example `use api_calls 250,000 calls`"},
      {Level::ExampleLine, "bought 5 credits", "E002",
       "`bought` means nothing at the beginning of a line here",
       "a line here begins with `on`, `for`, `use`, `used`, `billed`, `granted`, `expect`, `fee`, "
       "`charge`, `pool`, `bill`, `commit`, `plan`, "
       "`limit`, `feature`, `alert`, `change`, `remove`, `guarantee` or `example`"},
  };
  for (const Case& c : cases) {
    Statement statement{"", Kind::DerivedValue, c.level, ""};
    std::string text = context_of(statement) + c.line + "\n";
    Parsed parsed = parse({"f", text}, 0);
    ASSERT_EQ(parsed.diagnostics.size(), 1u) << text;
    const Diagnostic& d = parsed.diagnostics[0];
    EXPECT_EQ(d.code, c.code) << c.line;
    EXPECT_EQ(d.message, c.message) << c.line;
    EXPECT_EQ(d.notes.at(0).text, c.help) << c.line;
  }
}

}  // namespace
}  // namespace toll::dsl
