// Tables of usage: every row is rated as a quote of it would be, or rejected with a reason.
#include "runtime/rate_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "base/money.h"
#include "runtime/quote.h"
#include "tests/unit/runtime/rated_table.h"

namespace toll::runtime {
namespace {

TEST(RateTable, RatesEachRowOfAWideTable) {
  const Rated result = rated(
      "customer,calls,\"tokens[mini,input]\",\"tokens[large, output]\"\n"
      "a,101,0,0\n"
      "\"b, \"\"the\"\" second\",100,2000000,500000.5\n");
  EXPECT_EQ(result.fault, "");
  EXPECT_EQ(result.amounts,
            "customer,calls,\"tokens[mini,input]\",\"tokens[large, output]\",amount\n"
            "a,101,0,0,0.50\n"
            "\"b, \"\"the\"\" second\",100,2000000,500000.5,3.50\n");
  EXPECT_EQ(result.rejections, "");
  EXPECT_EQ(result.totals.rows, 2u);
  EXPECT_EQ(result.totals.rated, 2u);
  EXPECT_EQ(result.totals.bills, 2u);
  EXPECT_EQ(result.totals.total, 400);
}

/// A table of many rows goes by columns; its parts are too short for that.
TEST(RateTable, RatesManyRowsAsItRatesFew) {
  const std::string header = "customer,calls,\"tokens[mini,input]\",\"tokens[large,input]\"\n";
  std::mt19937_64 random(3);
  std::vector<std::string> lines;
  const char* const odd[] = {"0.5",
                             "0.000000001",
                             "007",
                             "\"12\"",
                             "1e3",
                             "-1",
                             "",
                             "12345678901234567",
                             "999999999999999999.999999999999999999",
                             "x,1"};
  for (int i = 0; i < 30'000; ++i) {
    std::string line = random() % 500 == 0 ? "acme" : "customer_" + std::to_string(i);
    for (int column = 0; column < 3; ++column)
      line += ',' + (random() % 300 == 0 ? std::string(odd[random() % std::size(odd)])
                                         : std::to_string(random() % 1'000'000));
    lines.push_back(line + '\n');
  }
  std::string all = header, amounts = header.substr(0, header.size() - 1) + ",amount\n";
  for (const std::string& line : lines) all += line;
  TableTotals totals;
  for (size_t begin = 0; begin < lines.size(); begin += 1'000) {
    std::string part = header;
    for (size_t i = begin; i < begin + 1'000; ++i) part += lines[i];
    const Rated few = rated(part);
    amounts += few.amounts.substr(few.amounts.find('\n') + 1);
    totals.rated += few.totals.rated;
    totals.rejected += few.totals.rejected;
    totals.total += few.totals.total;
  }
  const Rated many = rated(all);
  EXPECT_TRUE(many.amounts == amounts);
  EXPECT_EQ(many.totals.rated, totals.rated);
  EXPECT_EQ(many.totals.rejected, totals.rejected);
  EXPECT_EQ(many.totals.total, totals.total);
  EXPECT_GT(many.totals.rejected, 100u);
}

TEST(RateTable, AddsUpTheRowsOfACustomerInALongTable) {
  const Rated result = rated(
      "customer,meter,model,kind,quantity\n"
      "a,calls,,,60\n"
      "b,tokens,large,input,1000000\n"
      "a,calls,,,60\n"
      "a,tokens,mini,output,1000000\n");
  EXPECT_EQ(result.fault, "");
  EXPECT_EQ(result.amounts, "customer,amount\na,11.00\nb,3.00\n");
  EXPECT_EQ(result.totals.rows, 4u);
  EXPECT_EQ(result.totals.rated, 4u);
  EXPECT_EQ(result.totals.bills, 2u);
  EXPECT_EQ(result.totals.total, 1400);
}

TEST(RateTable, RejectsRowsWithTheReasonAndKeepsTheOthers) {
  const Rated result = rated(
      "calls\n"
      "1.5e3\n"
      "-1\n"
      "\n"
      "\"1\n"
      "1\"\n"
      "\"1\"2\n"
      "1,2\n"
      "102\n"
      "1000000000000000000\n"
      "\xFF\n");
  EXPECT_EQ(result.amounts, "calls,amount\n102,1.00\n");
  EXPECT_EQ(result.rejections,
            "line,reason,text\n"
            "2,`calls` is written with an exponent,1.5e3\n"
            "3,`calls` is negative,-1\n"
            "4,the line is empty,\n"
            "5,`calls` opens quotes that are not closed on its line,\"\"\"1\"\n"
            "6,\"`calls` has a quote inside, and none around it\",\"1\"\"\"\n"
            "7,`calls` goes on behind its quotes,\"\"\"1\"\"2\"\n"
            "8,\"the row has 2 fields, and the header 1\",\"1,2\"\n"
            "10,`calls` is too large,1000000000000000000\n"
            "11,the line is not UTF-8,\xFF\n");
  EXPECT_EQ(result.totals.rows, 10u);
  EXPECT_EQ(result.totals.rated, 1u);
  EXPECT_EQ(result.totals.rejected, 9u);
}

TEST(RateTable, RejectsRowsOfALongTable) {
  const Rated result = rated(
      "customer,meter,model,kind,quantity\n"
      ",calls,,,1\n"
      "a,cals,,,1\n"
      "a,tokens,mini,,1\n"
      "a,calls,mini,,1\n"
      "a,seats,,,1\n"
      "a,tokens,mini,input,999999999999999999\n"
      "a,tokens,mini,input,1\n"
      "a,calls,,,\n");
  EXPECT_EQ(result.rejections,
            "line,reason,text\n"
            "2,`customer` is empty,\",calls,,,1\"\n"
            "3,`cals` is no meter of the card `c`,\"a,cals,,,1\"\n"
            "4,\"`tokens` counts by `kind`, and it is empty\",\"a,tokens,mini,,1\"\n"
            "5,`calls` does not count by `model`: leave the field empty,\"a,calls,mini,,1\"\n"
            "6,\"`seats` is priced by item or by day, and a row has only a quantity\","
            "\"a,seats,,,1\"\n"
            "8,the quantities of this customer add up to 10^18 or more,\"a,tokens,mini,input,1\"\n"
            "9,`quantity` is empty,\"a,calls,,,\"\n"
            "3,the bill of 1 row: the row of line 3 is not in it,a\n");
  EXPECT_EQ(result.totals.rated + result.totals.rejected, result.totals.rows);
  EXPECT_EQ(result.totals.bills, 0u) << "a bill that lacks a row is none";
}

TEST(RateTable, RejectsTheWholeBillThatCannotBeRated) {
  const CardSet dear = testing::card_set({R"(toll 1
unit call, calls
meter calls counts call
card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  charge calls
    at 1000000.00 USD per call
)"});
  const Rated result = rated(dear,
                             "customer,quantity\n"
                             "a,500000000000000000\na,1\nb,1\na,1\n",
                             of_c());
  EXPECT_EQ(result.amounts, "customer,amount\nb,1000000.00\n");
  EXPECT_EQ(result.rejections,
            "line,reason,text\n"
            "2,the bill of 3 rows: the amount of `calls` needs more than 128 bits: use smaller "
            "quantities or prices of fewer digits,a\n");
  EXPECT_EQ(result.totals.rows, 4u);
  EXPECT_EQ(result.totals.rejected, 3u);
}

/// Among thousands of rows that are rated as columns.
TEST(RateTable, RejectsTheRowOfAWideTableThatDoesNotFit128Bits) {
  const CardSet dear =
      testing::card_set({calls_text("  charge calls\n    at 10000000000000000.00 USD per call\n")});
  std::string table = "customer,calls\n";
  for (int row = 0; row < 10'000; ++row)
    table += "c" + std::to_string(row) + (row == 7'000 ? ",999999999999999999.999\n" : ",2\n");
  const Rated result = rated(dear, table, of_c());
  EXPECT_EQ(result.totals.rows, 10'000u);
  EXPECT_EQ(result.totals.rated, 9'999u);
  EXPECT_EQ(result.rejections,
            "line,reason,text\n"
            "7002,the amount of `calls` needs more than 128 bits: use smaller "
            "quantities or prices of fewer digits,"
            "\"c7000,999999999999999999.999\"\n");
  EXPECT_EQ(result.totals.total, Int128{9'999} * 2 * 1'000'000'000'000'000'000);
}

/// Cut off in the middle of a row, of a quoted field, or of a character.
TEST(RateTable, RejectsWhatATableThatIsCutOffEndsWith) {
  const std::string header = "customer,calls,\"tokens[mini,input]\"\n", row = "a,102,0\n";
  for (const auto& [end, reason] : std::vector<std::pair<std::string, std::string>>{
           {"b,10", "\"the row has 2 fields, and the header 3\""},
           {"b", "\"the row has 1 fields, and the header 3\""},
           {"\"b,102,0", "`customer` opens quotes that are not closed on its line"},
           {"b\xC3", "the line is not UTF-8"}}) {
    const Rated result = rated(header + row + end);
    EXPECT_EQ(result.totals.rows, 2u) << end;
    EXPECT_EQ(result.totals.rated, 1u) << end;
    EXPECT_NE(result.rejections.find("\n3," + reason + ","), std::string::npos)
        << result.rejections;
  }
}

TEST(RateTable, RatesNoCustomerWhoseDealIsInError) {
  const CardSet with_error(cards().revisions(), {{.card = "c_globex",
                                                  .file = "c_globex.toll",
                                                  .from = *parse_date("2026-01-01"),
                                                  .until = {},
                                                  .stated_until = {},
                                                  .customer = "globex",
                                                  .deal_on = "c"}});
  const Rated result = rated(with_error, "customer,calls\ninitech,102\nglobex,102\n", of_c());
  EXPECT_EQ(result.amounts, "customer,calls,amount\ninitech,102,1.00\n");
  EXPECT_EQ(result.totals.rejected, 1u);
}

TEST(RateTable, LeavesCustomersWithADealAlone) {
  const Rated wide = rated("customer,calls\nacme,102\nglobex,102\n");
  EXPECT_EQ(wide.amounts, "customer,calls,amount\nglobex,102,1.00\n");
  EXPECT_NE(wide.rejections.find("customer `acme` has a deal, `c_acme`"), std::string::npos);
  const Rated long_form = rated("customer,meter,quantity\nacme,calls,102\n");
  EXPECT_EQ(long_form.amounts, "customer,amount\n");
  TableOptions of_acme = of_c();
  of_acme.asked.customer = "acme";
  EXPECT_EQ(rated(cards(), "calls\n102\n", of_acme).amounts, "calls,amount\n102,0.50\n");
  const Rated others = rated(cards(), "customer,calls\nacme,102\nglobex,102\n,102\n", of_acme);
  EXPECT_EQ(others.amounts, "customer,calls,amount\nacme,102,0.50\n");
  EXPECT_EQ(others.rejections,
            "line,reason,text\n3,the table is rated for customer `acme`,\"globex,102\"\n"
            "4,`customer` is empty,\",102\"\n");
}

TEST(RateTable, RefusesAHeaderThatItDoesNotUnderstand) {
  EXPECT_EQ(rated("").fault, "1:0 there is no header; the first line names the columns");
  EXPECT_EQ(rated("cals\n").fault, "1:1 `cals` is no meter of the card `c`; did you mean `calls`?");
  EXPECT_EQ(rated("calls,region\n").fault,
            "1:2 `region` is no meter of the card `c`; a column that is no usage is passed on with "
            "`--keep region`; the meters are calls, tokens, seats");
  EXPECT_EQ(rated("customer;calls\n").fault,
            "1:1 this header is one column; separate the columns by commas");
  EXPECT_EQ(rated("calls,calls\n").fault, "1:2 the column `calls` stands twice; ");
  EXPECT_EQ(rated("calls,\n").fault, "1:2 this column has no name; ");
  EXPECT_EQ(rated("calls,amount\n").fault, "1:2 the column `amount` is the one that is added; ");
  EXPECT_EQ(rated("customer\n").fault,
            "1:1 no column is a meter of the card; its meters are calls, tokens, seats");
  EXPECT_EQ(rated("tokens\n").fault,
            "1:1 `tokens` counts by model, kind; name the cell: `tokens[model,kind]`, in quotes "
            "where it has a comma");
  EXPECT_EQ(rated("\"tokens[mini,inputs]\"\n").fault,
            "1:1 `inputs` is not a value of `kind`; did you mean `input`?");
  EXPECT_EQ(rated("\"tokens[mini,input]\",\"tokens[mini, input]\"\n").fault,
            "1:2 `tokens[mini,input]` and `tokens[mini, input]` are the same cell; ");
  EXPECT_EQ(rated("calls[x]\n").fault, "1:1 `calls` has no dimensions; ");
  EXPECT_EQ(rated("calls[x\n").fault, "1:1 `calls[x` has no `]`; ");
  EXPECT_EQ(rated("seats\n").fault,
            "1:1 `seats` is priced day by day, and a table has only the quantity of a period; ");
  EXPECT_EQ(rated("\"calls\n").fault,
            "1:1 this name opens quotes that are not closed on its line; ");
  EXPECT_EQ(rated("quantity\n").fault,
            "1:1 with a column `quantity` there must be one `customer`; the rows of a customer add "
            "up to one bill");
  EXPECT_EQ(rated("customer,quantity\n").fault,
            "1:2 this table does not say whose quantity it is; add a column `meter`; the card's "
            "are calls, tokens, seats");
  EXPECT_EQ(rated("customer,meter,modell,quantity\n").fault,
            "1:3 `modell` is no dimension of the card; did you mean `model`?");
  EXPECT_EQ(rated("\xFF\xFE"
                  "c\n")
                .fault,
            "1:0 the table is UTF-16, not UTF-8; save it as CSV in UTF-8");
}

TEST(RateTable, PassesOnWhatItIsToldToKeep) {
  TableOptions options = of_c();
  options.keep = {"region", "note"};
  EXPECT_EQ(rated(cards(), "region,calls,note\neu,104,x\n", options).amounts,
            "region,calls,note,amount\neu,104,x,2.00\n");
}

TEST(RateTable, KeepsOnlyWhatIsThereAndIsNoUsage) {
  const auto keeping = [](const std::string& name, const std::string& table) {
    TableOptions options = of_c();
    options.keep = {name};
    return rated(cards(), table, options).fault;
  };
  EXPECT_EQ(keeping("regio", "region,calls\neu,104\n"),
            "1:0 there is no column `regio` to keep; did you mean `region`?");
  EXPECT_EQ(keeping("x", "region,calls\neu,104\n"),
            "1:0 there is no column `x` to keep; the columns are region, calls");
  EXPECT_EQ(keeping("calls", "customer,calls\nacme,104\n"),
            "1:2 `calls` is usage, which would not be billed; leave `--keep calls` out");
  EXPECT_EQ(keeping("region", "customer,meter,quantity,region\nacme,calls,1,eu\n"),
            "1:4 a table with a column `quantity` comes out with a row a customer: no other column "
            "is passed on; leave the column `region` out");
}

TEST(RateTable, OfACardWithPlansSaysWhichThereAre) {
  const CardSet set = testing::card_set({R"(toll 1
unit call, calls
meter calls counts call
card c "C"
  from 2026-01-01
  currency USD
  period month
  round each line half-up
  fee base at 5.00 USD per month, not prorated
  plan free
    limit calls to 1,000 calls per month then block
  plan pro
    charge calls
      at 1.00 USD per call
)"});
  EXPECT_EQ(rated(set, "customer,calls\nacme,5\n", of_c()).fault,
            "1:2 `calls` is no meter of what is common to all plans of `c`; say in which plan the "
            "customers are, with `--plan`: free, pro");
  EXPECT_EQ(rated(set, "customer\nacme\n", of_c()).fault,
            "1:1 no column is a meter of the card; say in which plan the customers are, with "
            "`--plan`: free, pro");
  EXPECT_EQ(rated(set, "customer,quantity\nacme,5\n", of_c()).fault,
            "1:2 this table does not say whose quantity it is; say in which plan the customers "
            "are, with `--plan`: free, pro");
  TableOptions options = of_c();
  options.asked.plan = "pros";
  EXPECT_EQ(rated(set, "calls\n5\n", options).fault,
            "0:0 card `c` has no plan `pros` (did you mean `pro`?); its plans are `free`, `pro`; ");
  options.asked.plan = "pro";
  EXPECT_EQ(rated(set, "calls\n5\n", options).amounts, "calls,amount\n5,10.00\n");
}

TEST(RateTable, SaysWhatJsonIsReadWith) {
  for (const char* table : {"{\"calls\":\"1\"}\n", "[\n"})
    EXPECT_EQ(rated(table).fault,
              "1:0 this is JSON, and is read as CSV; a file with an object on each line is read "
              "with `--format ndjson`");
}

TEST(RateTable, ReadsWhatSpreadsheetsWrite) {
  EXPECT_EQ(rated("\xEF\xBB\xBF"
                  "calls\r\n102\r\n104")
                .amounts,
            "calls,amount\n102,1.00\n104,2.00\n");
}

TEST(RateTable, RefusesAPlanThatTheCardDoesNotHave) {
  TableOptions unknown = of_c();
  unknown.asked.plan = "pro";
  EXPECT_EQ(rated(cards(), "calls\n1\n", unknown).fault,
            "0:0 card `c` has no plans, so there is no plan `pro`; ");
}

TEST(RateTable, AsksSinceWhenWhereVersionsAreForNewCustomers) {
  const auto version = [](const std::string& from, const std::string& price,
                          const std::string& header) {
    return calls_text("  charge calls\n    at " + price + " USD per call\n", from, header);
  };
  const CardSet set =
      testing::card_set({version("2026-01-01", "1.00", ""),
                         version("2026-03-01", "2.00", "  applies to new customers\n")});
  EXPECT_NE(rated(set, "calls\n1\n", of_c()).fault.find("`--customer-since DATE`"),
            std::string::npos);
  TableOptions options = of_c();
  options.asked.customer_since = parse_date("2026-02-01");
  EXPECT_EQ(rated(set, "calls\n1\n", options).amounts, "calls,amount\n1,1.00\n");
  options.asked.customer_since = parse_date("2026-03-01");
  EXPECT_EQ(rated(set, "calls\n1\n", options).amounts, "calls,amount\n1,2.00\n");
}

TEST(RateTable, BillsFeesForATermWhereItBegins) {
  const CardSet set = testing::card_set(
      {calls_text("  fee setup at 10.00 USD once\n  charge calls\n    at 1.00 USD per call\n")});
  TableOptions options = of_c();
  options.asked.on = parse_date("2026-03-10");
  EXPECT_TRUE(rated(set, "calls\n1\n", options)
                  .fault.contains("which fees of `c` a customer has depends on since when"));
  options.asked.customer_since = parse_date("2026-03-01");
  EXPECT_EQ(rated(set, "calls\n1\n", options).amounts, "calls,amount\n1,11.00\n");
  options.asked.customer_since = parse_date("2026-02-01");
  EXPECT_EQ(rated(set, "calls\n1\n", options).amounts, "calls,amount\n1,1.00\n");
}

TEST(RateTable, SkipsNothingOfALineThatIsTooLong) {
  const std::string table = "calls\n" + std::string(5 << 20, '1') + "\n102\n" +
                            std::string(kTableLineBytesMax + 1, '2') + "\n104\n";
  const Rated result = rated(table);
  EXPECT_EQ(result.amounts, "calls,amount\n102,1.00\n104,2.00\n");
  EXPECT_EQ(result.totals.rows, 4u);
  EXPECT_EQ(result.totals.rejected, 2u);
  EXPECT_NE(result.rejections.find("\n2,the line is longer than"), std::string::npos);
  EXPECT_NE(result.rejections.find("\n4,the line is longer than"), std::string::npos);
  EXPECT_LT(result.rejections.size(), 10'000u);
}

TEST(RateTable, EndsWithTheStreamThatFails) {
  const auto failing = [](std::string_view) -> Result<void> {
    return std::unexpected(Error{"the disk is full"});
  };
  bool given = false;
  const auto totals = rate_table(cards(), of_c(),
                                 {.read = [&](std::span<char> room) -> Result<size_t> {
                                    if (std::exchange(given, true)) return 0;
                                    constexpr std::string_view kTable = "calls\n1\n";
                                    std::ranges::copy(kTable, room.begin());
                                    return kTable.size();
                                  },
                                  .amounts = failing,
                                  .rejections = failing});
  ASSERT_FALSE(totals.has_value());
  EXPECT_EQ(totals.error().line, 0u);
  EXPECT_EQ(totals.error().message, "the disk is full");
}

/// All cells of the meters that a table can say.
std::vector<std::pair<std::string, UsageEntry>> cells_of(const dsl::RateCard& card) {
  std::vector<std::pair<std::string, UsageEntry>> cells;
  for (const dsl::Meter& meter : card.meters) {
    if (meter.grain != dsl::Grain::Cell) continue;
    std::vector<std::pair<std::string, UsageEntry>> of_meter(1);
    of_meter[0].first = meter.name;
    of_meter[0].second.meter = meter.name;
    for (const uint32_t index : meter.dimensions) {
      const dsl::Dimension& dimension = card.dimensions[index];
      std::vector<std::pair<std::string, UsageEntry>> longer;
      for (const auto& cell : of_meter)
        for (const std::string& value : dimension.values) {
          longer.push_back(cell);
          longer.back().first += (cell.second.at.empty() ? "[" : ",") + value;
          longer.back().second.at.emplace_back(dimension.name, value);
        }
      of_meter = std::move(longer);
    }
    for (auto& cell : of_meter) {
      if (!cell.second.at.empty()) cell.first += "]";
      cells.push_back(std::move(cell));
    }
  }
  if (cells.size() > 40) cells.resize(40);
  return cells;
}

/// Near zero, near round numbers where tiers end, fractions, and the largest.
Decimal any_quantity(std::mt19937& random) {
  switch (random() % 8) {
    case 0:
      return {0, 0};
    case 1:
      return {random() % 3, 0};
    case 2:
      return {power_of_ten(static_cast<int>(random() % 10)) + random() % 3, 0};
    case 3:
      return {random() % 10'000'000, 3};
    case 4:
      return {random(), 12};
    default:
      return {random() % 2'000'000, 0};
  }
}

// What a table gives is what quotes give, for every card that ships, whatever the threads and the
// places at which the stream is cut.
TEST(RateTable, EqualsTheQuoteForEveryRateCard) {
  std::mt19937 random(1);
  size_t compared = 0;
  for (const auto& folder :
       std::filesystem::directory_iterator(std::filesystem::path(TOLL_SOURCE_DIR) / "ratecards")) {
    if (!folder.is_directory()) continue;
    std::vector<std::shared_ptr<const Revision>> revisions;
    for (auto& card :
         testing::lowered_cards(testing::ratecard_files(folder.path().filename().string())))
      revisions.push_back(testing::revision(std::move(card)));
    const CardSet set(std::move(revisions));
    for (const auto& revision : set.revisions()) {
      const dsl::RateCard& card = revision->card();
      const auto cells = cells_of(card);
      if (cells.empty() || !card.deal_on.empty()) continue;
      UsageDocument asked;
      asked.card = card.name;
      asked.on = card.from;
      if (!card.plan.empty()) asked.plan = card.plan;
      asked.currency = std::string(card.currency.name());
      asked.customer_since = card.from;
      std::string table, expected;
      for (size_t i = 0; i < cells.size(); ++i) table += (i ? ",\"" : "\"") + cells[i].first + "\"";
      expected = table + ",amount\n";
      table += "\n";
      for (int row = 0; row < 60; ++row) {
        UsageDocument document = asked;
        std::string line;
        for (const auto& [name, entry] : cells) {
          document.usage.push_back(entry);
          document.usage.back().quantity = any_quantity(random);
          line += (line.empty() ? "" : ",") + document.usage.back().quantity.to_string();
        }
        const auto total = quote_total(set, document);
        table += line + "\n";
        if (!total) continue;
        expected += line + "," + format_minor(*total, card.currency) + "\n";
        ++compared;
      }
      TableOptions options;
      options.asked = asked;
      options.without_state = true;  // as the quotes are
      options.threads = 1 + static_cast<unsigned>(random() % 3);
      const Rated result = rated(set, table, options, 1 + random() % 5000);
      EXPECT_EQ(result.fault, "") << card.name;
      EXPECT_EQ(result.amounts, expected) << card.name << " " << card.plan;
      EXPECT_EQ(result.totals.rows, 60u);
      EXPECT_EQ(result.totals.rated + result.totals.rejected, 60u);
    }
  }
  EXPECT_GT(compared, 600u);
}

TEST(RateTable, KeepsTheOrderOfManyBlocks) {
  std::string table = "calls\n", expected = "calls,amount\n";
  for (int row = 100; row < 400'000; ++row) {
    table += std::to_string(row) + "\n";
    expected += std::to_string(row) + "," +
                format_minor(Int128{row - 100} * 50, *find_currency("USD")) + "\n";
  }
  TableOptions options = of_c();
  options.threads = 3;
  uint64_t told = 0;
  options.progress = [&](const TableTotals& totals) { told = totals.rows; };
  const Rated result = rated(cards(), table, options);
  EXPECT_TRUE(result.amounts == expected);
  EXPECT_EQ(result.totals.rows, 399'900u);
  EXPECT_EQ(told, 399'900u);
}

TEST(RateTable, RejectsAPartOfWhatIsCounted) {
  const std::string why =
      "counts events, so it comes to a whole number, and not to 1.5: give what was counted, or "
      "where there are parts of a call declare the meter with `sums`";
  std::string wide = "customer,calls,\"tokens[mini,input]\"\n", amounts;
  for (int i = 0; i < 5'000; ++i)  // enough to go by columns
    wide += "c" + std::to_string(i) + (i == 7 ? ",1.5,0\n" : i == 8 ? ",102.0,0.5\n" : ",1,0\n");
  const Rated result = rated(wide);
  EXPECT_EQ(result.rejections, "line,reason,text\n9,\"`calls` " + why + "\",\"c7,1.5,0\"\n");
  EXPECT_NE(result.amounts.find("\nc8,102.0,0.5,1.00\n"), std::string::npos);
  EXPECT_EQ(result.totals.rated, 4'999u);
  EXPECT_EQ(rated("customer,meter,quantity\na,calls,101\na,calls,1.5\nb,calls,2.0\n").rejections,
            "line,reason,text\n3,\"`calls` " + why +
                "\",\"a,calls,1.5\"\n"
                "2,the bill of 1 row: the row of line 3 is not in it,a\n");
}

TEST(RateTable, WarnsOfPlansLeftOutAndOfValuesThatMayBeMisspelled) {
  std::string text = kCard;
  text.resize(text.find("\ncard c_acme"));
  text.replace(text.find("mini, large"), 11, "mini, large, other");
  text.insert(text.find("  charge seats"), "    other free\n");
  EXPECT_EQ(rated(testing::card_set({text}), "customer,calls\na,1\n", of_c()).totals.warnings,
            std::vector<std::string>{});
  text += "\n  plan pro\n    fee more at 9.00 USD per month, not prorated\n";
  const CardSet set = testing::card_set({text});
  const std::string value = "`Mini` is not a value of `model` and counts as `other`, but `mini` is";
  const std::string plan =
      "no `plan` is named, so only what is common to all plans of `c` is billed; its plans are "
      "`pro`";
  EXPECT_EQ(rated(set, "customer,\"tokens[Mini,input]\"\na,1\n", of_c()).totals.warnings,
            (std::vector<std::string>{value, plan}));
  TableOptions options = of_c();
  options.asked.plan = "pro";
  EXPECT_EQ(rated(set,
                  "customer,meter,model,kind,quantity\na,tokens,Mini,input,1\n"
                  "b,tokens,Mini,input,1\nb,tokens,huge,input,1\n",
                  options)
                .totals.warnings,
            std::vector<std::string>{value});
}

}  // namespace
}  // namespace toll::runtime
