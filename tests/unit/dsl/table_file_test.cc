// Price rows from files: `rows from "sms.csv"`.
#include "dsl/table_file.h"

#include <ctime>
#include <random>

#include "dsl/checker/tables/csv.h"
#include "dsl/parse.h"
#include "tests/support/sanitizers.h"
#include "tests/unit/dsl/check_support.h"

namespace toll::dsl {
namespace {

using Files = std::vector<SourceFile>;

constexpr std::string_view kHead = R"(toll 1

unit segment, segments
dimension country is US, DE, other
dimension kind is sms, mms
meter messages counts segment by country, kind

card messaging "Messaging"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

)";

std::string card_by(std::string_view by, std::string_view lines = "") {
  return std::string(kHead) + "  charge messages \"Messages\"" + std::string(by) + "\n" +
         std::string(lines) + "    rows from \"list.csv\"\n";
}

Files with_list(std::string card, std::string list) {
  return {{"card.toll", std::move(card)}, {"list.csv", std::move(list)}};
}

std::string rendered(const Checked& checked, const Files& files) {
  std::string text;
  for (const Diagnostic& diagnostic : checked.diagnostics) text += render(diagnostic, files);
  return text;
}

/// The first card of files without errors.
RateCard first_card(const Files& files) {
  Checked checked = check(files);
  EXPECT_EQ(rendered(checked, files), "");
  return checked.cards.empty() ? RateCard{} : std::move(checked.cards.front());
}

/// "US: 0.83 below 1000" of each row, in the order of rows.
std::vector<std::string> rows_of(const RateCard& card) {
  std::vector<std::string> rows;
  if (card.charges.empty()) return rows;
  for (const PriceTable& table : card.charges.front().tables)
    for (const Tier& tier : table.tiers) rows.push_back(tier.source.text);
  return rows;
}

using Rows = std::vector<std::string>;

TEST(TableFile, IsNamedWithoutAPath) {
  EXPECT_TRUE(is_table_name("sms.csv"));
  EXPECT_TRUE(is_table_name("price list, 2026.csv"));
  for (const char* name : {"../sms.csv", "/etc/sms.csv", "lists/sms.csv", "lists\\sms.csv", "..csv",
                           ".sms.csv", "sms.txt", "sms.CSV", "", "c:sms.csv", "a\nb.csv"})
    EXPECT_FALSE(is_table_name(name)) << name;
}

TEST(TableFile, IsFoundInTheTextOfACard) {
  EXPECT_EQ(tables_named("toll 1\n  rows   from \"b.csv\"  # x\n# rows from \"c.csv\"\n"
                         "rows from \"../d.csv\"\n    rows from \"a.csv\"\nrows from \"e.csv"),
            (std::set<std::string>{"a.csv", "b.csv"}));
  EXPECT_EQ(tables_named("toll 1\n"), std::set<std::string>());
}

TEST(TableFile, GivesTheRowsThatTheCardCouldHold) {
  const RateCard card = first_card(with_list(card_by(" by country, kind", "    tiers graduated\n"),
                                             "country,kind,up to,at\n"
                                             "US,sms,\"1,000 segments\",0.0083 USD per segment\n"
                                             "US,sms,beyond,0.0080 USD per segment\n"
                                             "US,mms,,free\n"
                                             "any,any,,0.15 USD per segment + 1.00 USD flat\n"));
  const std::string written = std::string(kHead) + R"(  charge messages "Messages" by country, kind
    tiers graduated
    US, sms up to 1,000 segments at 0.0083 USD per segment
    US, sms beyond at 0.0080 USD per segment
    US, mms free
    any, any at 0.15 USD per segment + 1.00 USD flat
)";
  EXPECT_EQ(rows_of(card), rows_of(first_card({{"card.toll", written}})));
  EXPECT_EQ(rows_of(card).front(), "US, sms up to 1,000 segments at 0.0083 USD per segment");
}

TEST(TableFile, SaysOfEachRowWhereItStands) {
  const RateCard card = first_card(with_list(card_by(" by country"),
                                             "country,at\n\nUS,1 USD per segment\n"
                                             "any,2 USD per segment\n"));
  const auto& tables = card.charges.front().tables;
  EXPECT_EQ(tables.front().tiers.front().source.file, "list.csv");
  EXPECT_EQ(tables.front().tiers.front().source.line, 3u);
  EXPECT_EQ(tables.back().tiers.front().source.line, 4u);
  EXPECT_EQ(card.source.file, "card.toll");
}

TEST(TableFile, MayBeWhatASpreadsheetWrites) {
  const Rows rows = {"US at 0.01 USD per segment", "any at 0.02 USD per segment"};
  for (const char* list :
       {"\xEF\xBB\xBF"
        "country,at USD per segment\r\nUS,0.01\r\nany,0.02\r\n",
        "country,at USD per segment\nUS,0.01\nany,0.02",
        "\"country\",\"at USD per segment\"\n"
        "\"US\",\"0.01\"\n\"any\",\"0.02\"\n",
        "# of 2026\n country , at USD per segment \n\n US , 0.01 \n# all others\n any , 0.02 \n",
        "at USD per segment,country\n0.01,US\n0.02,any\n"})
    EXPECT_EQ(rows_of(first_card(with_list(card_by(" by country"), list))), rows) << list;
}

TEST(TableFile, MayHoldTheTiersOfAChargeWithoutKeys) {
  EXPECT_EQ(
      rows_of(first_card(with_list(card_by("", "    tiers volume\n"),
                                   "up to segments,at USD per segment\n1M,0.02\nbeyond,0.01\n"))),
      (Rows{"up to 1M segments at 0.02 USD per segment", "beyond at 0.01 USD per segment"}));
}

TEST(TableFile, StandsAmongWrittenRows) {
  const std::string card = card_by(" by country") + "    other at 0.15 USD per segment\n";
  EXPECT_EQ(rows_of(first_card(with_list(card, "country,at\nUS,free\nDE,free\n"))),
            (Rows{"US free", "DE free", "other at 0.15 USD per segment"}));
}

TEST(TableFile, IsPartOfTheCardsIdentity) {
  const std::string card = card_by(" by country");
  const auto hash = [&](const std::string& list) { return first_card(with_list(card, list)).hash; };
  const std::string list = "country,at\nany,1 USD per segment\n";
  EXPECT_EQ(hash(list), hash(list));
  EXPECT_NE(hash(list), hash("country,at\nany,2 USD per segment\n"));
  EXPECT_NE(hash(list), hash(list + "\n")) << "its bytes count";
  Files others = with_list(card, list);
  others.push_back({"unnamed.csv", "nothing"});
  EXPECT_EQ(first_card(others).hash, hash(list));
}

TEST(TableFile, IsReadForEveryPlanAndCurrency) {
  std::string card = card_by(" by country");
  card.replace(card.find("currency USD"), 12, "currency USD, EUR");
  const Files files = with_list(card, "country,at\nany,1 USD or 2 EUR per segment\n");
  const Checked checked = check(files);
  EXPECT_EQ(rendered(checked, files), "");
  EXPECT_EQ(checked.cards.size(), 2u);
}

TEST(TableFile, IsChangedByADealLikeWrittenRows) {
  Files files = with_list(card_by(" by country"),
                          "country,at\nUS,0.0083 USD per segment\n"
                          "any,0.15 USD per segment\n");
  files.push_back({"deal.toll", R"(toll 1

card northwind "Northwind" extends messaging
  for customer northwind
  from 2026-03-01
  change charge messages
    US at 0.0080 USD per segment, was 0.0083 USD per segment
)"});
  Checked checked = check(files);
  EXPECT_EQ(rendered(checked, files), "");
  ASSERT_EQ(checked.cards.size(), 2u);
  const RateCard& deal = checked.cards.back();
  EXPECT_EQ(rows_of(deal), (Rows{"US at 0.0080 USD per segment", "any at 0.15 USD per segment"}));
  EXPECT_EQ(deal.charges.front().tables.back().tiers.front().source.file, "list.csv");

  const std::string before = deal.hash;
  files[1].text += "# later\n";
  EXPECT_NE(check(files).cards.back().hash, before) << "a deal stands on the list of its card";

  files[1].text = "country,at\nUS,0.0084 USD per segment\nany,0.15 USD per segment\n";
  EXPECT_EQ(codes(check(files)), std::vector<std::string>{"E501"});
}

TEST(TableFile, IsReadByAVersionThatExtendsTheOneBefore) {
  Files files = with_list(card_by(" by country"), "country,at\nany,1 USD per segment\n");
  files.push_back({"next.toll", R"(toll 1

card messaging extends previous
  from 2026-07-01
  applies to everyone
  remove charge messages
  charge messages "Messages" by country
    rows from "next.csv"
)"});
  files.push_back({"next.csv", "country,at\nany,2 USD per segment\n"});
  const Checked checked = check(files);
  EXPECT_EQ(rendered(checked, files), "");
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_EQ(rows_of(checked.cards[0]), Rows{"any at 1 USD per segment"});
  EXPECT_EQ(rows_of(checked.cards[1]), Rows{"any at 2 USD per segment"});
}

// ---- Changes and cost tables

Files with_change(std::string list, std::string_view price = "0.10") {
  std::string text = std::string(kHead) + "  charge messages \"Messages\" by country\n    US at " +
                     std::string(price) +
                     " USD per segment\n    DE at 0.20 USD per segment\n    other at 0.30 USD per "
                     "segment\n\ncard messaging extends previous\n  from 2026-07-01\n  applies to "
                     "everyone\n\n  change charge messages\n    rows from \"july.csv\"\n";
  return {{"card.toll", std::move(text)}, {"july.csv", std::move(list)}};
}

TEST(TableFile, ChangesRowsAndSaysWhatTheyWere) {
  const Files files = with_change(
      "country,at USD per segment,was USD per segment\nUS,0.09,0.10\n"
      "other,0.35,0.30\n");
  const Checked checked = check(files);
  EXPECT_EQ(rendered(checked, files), "");
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_EQ(rows_of(checked.cards[1]),
            (Rows{"US at 0.09 USD per segment", "DE at 0.20 USD per segment",
                  "other at 0.35 USD per segment"}));
  EXPECT_EQ(rows_of(checked.cards[0])[0], "US at 0.10 USD per segment");
  const Files other = with_change(
      "country,at USD per segment,was USD per segment\nUS,0.08,0.10\n"
      "other,0.35,0.30\n");
  EXPECT_NE(check(other).cards.at(1).hash, checked.cards[1].hash);
  EXPECT_EQ(check(other).cards.at(0).hash, checked.cards[0].hash);
}

TEST(TableFile, ThatChangesRowsIsHeldAgainstWhatIsThere) {
  const auto said = [](const Files& files) { return rendered(check(files), files); };
  const std::string moved =
      said(with_change("country,at USD per segment,was USD per segment\nUS,0.09,0.10\n", "0.11"));
  EXPECT_TRUE(moved.contains("july.csv:2:9: error[E501]")) << moved;
  const std::string unsaid = said(with_change("country,at USD per segment\nUS,0.09\n"));
  EXPECT_TRUE(unsaid.contains("error[E511]: this line does not say what it replaces")) << unsaid;
  const std::string missing =
      said(with_change("country,at,was\nUS,0.09 USD per segment,0.10 USD per segment\nDE,free,0.20 "
                       "USD per segment\nother,0.30 USD per segment,free\n"));
  EXPECT_TRUE(missing.contains("july.csv:4:")) << missing;
  EXPECT_TRUE(said(with_change("land,at\nUS,free\n")).contains("error[E242]"));
  EXPECT_TRUE(said(with_list(card_by(" by country"), "country,at,was\nUS,free,free\n"))
                  .contains("`was` is no column of this charge"));
}

std::string costs_by(std::string_view by, std::string_view lines) {
  std::string text = std::string(kHead) + "  charge messages \"Messages\" by country\n";
  for (const char* country : {"US", "DE", "other"})
    text += std::string("    ") + country + " at cost with 50% markup rounded up to 0.01 USD\n";
  return text + "\ncost of_messages on messages" + std::string(by) +
         "\n  from 2026-01-01\n  currency USD\n" + std::string(lines);
}

/// What the first tier of each table of the only charge costs.
std::vector<Ratio> prices_of(const RateCard& card) {
  std::vector<Ratio> prices;
  for (const PriceTable& table : card.charges.at(0).tables)
    prices.push_back(table.tiers.at(0).terms.at(0).price_minor);
  return prices;
}

TEST(TableFile, GivesTheRowsOfACostTable) {
  const std::string card = costs_by(" by country", "  rows from \"list.csv\"\n");
  const Files files = with_list(card, "country,at USD per segment\nUS,0.10\nDE,0.20\nother,0.30\n");
  const Checked checked = check(files);
  EXPECT_EQ(rendered(checked, files), "");
  ASSERT_EQ(checked.cards.size(), 1u);
  const Files written{
      {"card.toll", costs_by(" by country",
                             "  US    at 0.10 USD per segment\n  DE    at 0.20 USD per segment\n"
                             "  other at 0.30 USD per segment\n")}};
  EXPECT_EQ(prices_of(checked.cards[0]), prices_of(first_card(written)));
  EXPECT_EQ(prices_of(checked.cards[0]), (std::vector<Ratio>{Ratio(15), Ratio(30), Ratio(45)}));
  // What it costs is part of the card, and a file may be said again.
  EXPECT_NE(check(with_list(card, "country,at USD per segment\nUS,0.11\nDE,0.20\nother,0.30\n"))
                .cards.at(0)
                .hash,
            checked.cards[0].hash);
  Files twice = files;
  twice.push_back({"again.toll",
                   "toll 1\n\ncost of_messages on messages by country\n  from "
                   "2026-01-01\n  currency USD\n  rows from \"list.csv\"\n"});
  EXPECT_EQ(rendered(check(twice), twice), "");
}

TEST(TableFile, OfACostTableIsRefusedWhereItStands) {
  const std::string card = costs_by(" by country", "  rows from \"list.csv\"\n");
  const auto said = [&](std::string list) {
    const Files files = with_list(card, std::move(list));
    return rendered(check(files), files);
  };
  EXPECT_TRUE(said("land,at\nUS,0.1\n").contains("`land` is no column of this cost table"));
  EXPECT_TRUE(said("country,at\nUS,5% of messages\nDE,1 USD per segment\nother,1 USD per segment\n")
                  .contains("list.csv:2:"));
  EXPECT_TRUE(said("country,at USD per segment\nUS,0.1\n").contains("error[E204]"));
  const Files none{{"card.toll", card}};
  EXPECT_TRUE(rendered(check(none), none).contains("error[E240]"));
}

TEST(TableFile, HoldsBackOnlyTheCardsThatNameIt) {
  Files files = with_list(card_by(" by country"), "country,at\nany,1 USD per GB\n");
  files.push_back(
      {"other.toll", std::string(kHead).replace(kHead.find("card messaging"), 14, "card unharmed") +
                         "  charge messages \"Messages\"\n    at 1 USD per segment\n"});
  const Checked checked = check(files);
  EXPECT_EQ(codes(checked), std::vector<std::string>{"E101"});
  ASSERT_EQ(checked.cards.size(), 1u);
  EXPECT_EQ(checked.cards.front().name, "unharmed");
}

TEST(TableFile, LeavesTheMistakesOfTheCardAsTheyAre) {
  std::string card = card_by(" by country");
  card += "    discount 10\n";
  const Checked checked =
      check(with_list(card, "country,at\nany,1 USD per segment\nUS,one USD per segment\n"));
  EXPECT_EQ(codes(checked), (std::vector<std::string>{"E004", "E004"})) << "each once";
}

TEST(TableFile, SaysWhyItCouldNotBeRead) {
  Files files = with_list(card_by(" by country"), "");
  files[1].unread = "it is no file";
  const Checked checked = check(files);
  EXPECT_EQ(codes(checked), std::vector<std::string>{"E240"});
  EXPECT_NE(rendered(checked, files).find("it is no file"), std::string::npos);
}

TEST(TableFile, MayMakeAnyCardLongerThanAFile) {
  constexpr int kValues = 200;
  const auto values = [](const std::string& letter) {
    std::string names = letter + "0";
    for (int i = 1; i < kValues; ++i) names += ", " + letter + std::to_string(i);
    return names;
  };
  std::string list = "country,kind,at USD per 1000000000 segments\n";
  for (int i = 0; i < kValues * kValues; ++i)
    list += "c" + std::to_string(i / kValues) + ",k" + std::to_string(i % kValues) + ",1\n";
  std::string card = card_by(" by country, kind");
  card.replace(card.find("US, DE, other"), 13, values("c"));
  card.replace(card.find("sms, mms"), 8, values("k"));
  Files files = with_list(card, list);
  files.push_back({"deal.toll", R"(toll 1

card deal extends messaging
  for customer acme
  from 2026-02-01
  change charge messages
    discount 5%
)"});
  const Checked checked = check(files);
  EXPECT_EQ(rendered(checked, files), "");
  ASSERT_EQ(checked.cards.size(), 2u);
  EXPECT_GT(checked.cards.front().text->size(), ParseLimits{}.bytes_max);
}

TEST(TableFile, IsRefusedAboveItsSize) {
  std::string list = "country,at\nany,1 USD per segment\n";
  while (list.size() <= kTableFileBytesMax) list += "# more of the same, and more of it again\n";
  EXPECT_EQ(codes(check(with_list(card_by(" by country"), list))),
            std::vector<std::string>{"E240"});
}

/// A file that many charges name would be checked many times.
TEST(TableFile, CostsNoMoreThanTheBudgetAllows) {
  std::string list = "country,at USD per segment\n";
  for (int i = 0; i < 90'000; ++i) list += "US,1\n";
  std::string card(kHead);
  for (int i = 0; i < 900; ++i)
    card += "  charge c" + std::to_string(i) +
            " \"C\" on messages by country\n    rows from \"list.csv\"\n";
  const Files files = with_list(card, list);
  const std::clock_t begin = std::clock();
  const Checked checked = check(files);
  const double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;  // whatever else is running
  EXPECT_EQ(checked.diagnostics.front().code, "E214");
  EXPECT_LE(checked.diagnostics.size(), 102u);
  EXPECT_LT(seconds, testing::kSanitized ? 30 : 2);
}

/// Whatever a file holds, the check ends, and what it finds has a place in one of the files.
TEST(TableFile, MayHoldAnyBytes) {
  const std::string list =
      "country,kind,up to,at\nUS,sms,\"1,000 segments\",0.0083 USD per segment\n"
      "US,sms,beyond,free\n# rest\nany,any,,0.15 USD per segment + 1.00 USD flat\r\n";
  const std::string pieces = "\",;#\n\r\t .-%0\xC3\xA4\xFF" + std::string(1, '\0');
  const std::string card = card_by(" by country, kind", "    tiers graduated\n");
  std::mt19937 random(1);
  const auto below = [&](size_t end) { return random() % end; };
  size_t sound = 0;
  for (int i = 0; i < 3'000; ++i) {
    std::string text = list;
    for (size_t changes = below(4); changes-- > 0;) {
      const size_t at = below(text.size());
      if (below(3) == 0)
        text.erase(at, below(12));
      else
        text.insert(at, 1, pieces[below(pieces.size())]);
    }
    const Files files = with_list(card, text);
    const Checked checked = check(files);
    for (const Diagnostic& found : checked.diagnostics) {
      const Place place = found.primary.place;
      ASSERT_LT(place.file, files.size());
      ASSERT_LE(place.span.begin, place.span.end);
      ASSERT_LE(place.span.end, files[place.file].text.size() + 1) << text;
      ASSERT_TRUE(render(found, files).ends_with('\n'));
    }
    ASSERT_EQ(checked.cards.size(), has_errors(checked.diagnostics) ? 0u : 1u) << text;
    sound += checked.cards.size();
  }
  EXPECT_GT(sound, 300u);
  EXPECT_LT(sound, 2'700u);
}

// ---- The CSV itself

std::vector<std::vector<std::string>> cells_of(std::string_view text) {
  std::vector<std::vector<std::string>> lines;
  checker::CsvReader reader(text);
  for (checker::CsvLine line; reader.next(line);) {
    lines.emplace_back();
    if (line.fault) lines.back().push_back("fault: " + std::string(line.fault->message));
    for (const checker::CsvCell& cell : line.cells) {
      EXPECT_EQ(cell.text, text.substr(cell.span.begin, cell.span.end - cell.span.begin));
      if (!line.fault) lines.back().emplace_back(cell.text);
    }
  }
  return lines;
}

using Lines = std::vector<std::vector<std::string>>;

TEST(Csv, CutsLinesIntoCells) {
  EXPECT_EQ(cells_of("a,b\nc"), (Lines{{"a", "b"}, {"c"}}));
  EXPECT_EQ(cells_of("a,,\r\n,\n"), (Lines{{"a", "", ""}, {"", ""}}));
  EXPECT_EQ(cells_of(R"("a, b" , "" ,c d)"), (Lines{{"a, b", "", "c d"}}));
  EXPECT_EQ(cells_of("\n  \n# x\n  # y\na\n"), (Lines{{"a"}}));
  EXPECT_EQ(cells_of(""), Lines{});
}

TEST(Csv, RefusesQuotesThatDoNotHoldACell) {
  EXPECT_EQ(cells_of("\"a\nb\""),
            (Lines{{"fault: this quote is not closed"}, {"fault: a quote stands inside a cell"}}));
  EXPECT_EQ(cells_of("\"a\"\"b\""), (Lines{{"fault: a quoted cell goes on behind its quote"}}));
  EXPECT_EQ(cells_of("\"a\" b,c"), (Lines{{"fault: a quoted cell goes on behind its quote"}}));
  EXPECT_EQ(cells_of("5\" screen"), (Lines{{"fault: a quote stands inside a cell"}}));
}

}  // namespace
}  // namespace toll::dsl
