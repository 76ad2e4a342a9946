// What quotes come to as short texts, and March with a cut in it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "runtime/quote.h"

namespace toll::runtime {

using Texts = std::vector<std::string>;

/// "pointer: message" per fault; none where the document is rated.
inline Texts faults(const CardSet& cards, const UsageDocument& document) {
  const auto answer = quote(cards, document);
  Texts texts;
  if (!answer)
    for (const UsageFault& fault : answer.error().faults)
      texts.push_back(fault.pointer + ": " + fault.message);
  return texts;
}

/// "path amount" per line.
inline Texts lines(const std::vector<AnswerLine>& lines) {
  Texts texts;
  for (const AnswerLine& line : lines) texts.push_back(line.path + " " + line.amount);
  return texts;
}

/// The lines, the total, and "pool left quantity" for each pool; or the faults.
inline Texts bill(const CardSet& cards, const UsageDocument& document) {
  const auto answer = quote(cards, document);
  if (!answer) return faults(cards, document);
  Texts texts = lines(answer->lines);
  texts.push_back("total " + answer->total);
  for (const auto& [pool, left] : answer->remaining) texts.push_back(pool + " left " + left);
  EXPECT_EQ(format_minor(quote_total(cards, document).value(), *find_currency(answer->currency)),
            answer->total);
  return texts;
}

inline UsageEntry used(const std::string& meter, int64_t quantity, const char* from,
                       const char* until) {
  return {.meter = meter,
          .at = {},
          .quantity = {quantity, 0},
          .from = parse_date(from),
          .until = parse_date(until)};
}

/// March with so many calls before the 16th and from then on.
inline UsageDocument march(int64_t before, int64_t after) {
  UsageDocument document;
  document.card = "c";
  document.period = Period{*parse_date("2026-03-01"), *parse_date("2026-04-01")};
  document.usage = {used("calls", before, "2026-03-01", "2026-03-16"),
                    used("calls", after, "2026-03-16", "2026-04-01")};
  return document;
}

}  // namespace toll::runtime
