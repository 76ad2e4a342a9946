// What lines that act on others say of the amount on which they act.
#include <gtest/gtest.h>

#include "runtime/quote.h"
#include "tests/support/live.h"
#include "tests/unit/runtime/quoted.h"

namespace toll::runtime::explained_bill {
namespace {

/// The first step of each line that acts on others, of 5 calls and 3 messages.
Texts steps_below(const std::string& rounding) {
  const CardSet cards =
      testing::card_set({"toll 1\nunit call, calls\ndimension kind is read, write\n"
                         "meter calls counts call by kind\n"
                         "meter messages counts call\n"
                         "card c \"C\"\n  from 2026-01-01\n  currency USD\n  period month\n"
                         "  round each " +
                         rounding +
                         " down\n  charge calls by kind\n    any at 0.333 USD per call\n"
                         "    surcharge 0.01 USD shared\n    discount 0.02 USD shared\n"
                         "  charge messages\n    at 0.005 USD per call\n"
                         "  bill discount 10%\n  bill discount 0.25%\n"});
  UsageDocument document;
  document.card = "c";
  document.on = parse_date("2026-01-01");
  for (const auto& [meter, quantity] : {std::pair("calls", 5), std::pair("messages", 3)}) {
    UsageEntry entry;
    entry.meter = meter;
    if (entry.meter == "calls") entry.at = {{"kind", "read"}};
    entry.quantity = Decimal{quantity, 0};
    document.usage.push_back(std::move(entry));
  }
  const Answer answer = explain(cards, document).value();
  Texts texts;
  for (const AnswerLine& line : answer.lines)
    if (line.path != "calls/read" && line.path != "messages")
      texts.push_back(line.steps.at(0).text);
  return texts;
}

TEST(ExplainedBill, LinesActOnWhatIsRoundedSoFar) {
  EXPECT_EQ(steps_below("line"),
            (Texts{"surcharge 0.01 USD shared, on 1.66", "discount 0.02 USD shared, on 1.67",
                   "bill discount 10%, on 1.66", "bill discount 0.25%, on 1.50"}));
}

TEST(ExplainedBill, OfABillThatIsRoundedAsAWholeOnExactSums) {
  EXPECT_EQ(steps_below("bill"),
            (Texts{"surcharge 0.01 USD shared, on 1.665", "discount 0.02 USD shared, on 1.675",
                   "bill discount 10%, on 1.67", "bill discount 0.25%, on 1.503"}));
}

}  // namespace
}  // namespace toll::runtime::explained_bill
